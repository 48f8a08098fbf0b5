import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { restore } from "../lib/restore.ts";
import type { SelectOptions } from "../lib/restore/selection.ts";
import { snapshot } from "../lib/snapshot.ts";
import { AWKWARD_KEYS } from "./awkward_keys.ts";
import { legacyText, putLegacy } from "./legacy_files.ts";
import { testServer } from "./s3_server.ts";
import { runs } from "./seed.ts";
import { each, TestBucket } from "./test_bucket.ts";

const delay = () => Promise.resolve();

/** A bucket in which every key of a snapshot was overwritten, and some others were written. */
async function overwritten(keys: readonly string[], strays: readonly string[] = []) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await testServer());
  const store = stack.use(openMemoryStore());
  const bucket = stack.use(await TestBucket.create(server, server.bucketName("select")));
  await each(keys, (key) => bucket.put(key, "old"));
  const { id } = await snapshot({ bucket: bucket.handle, store, delay });
  await each([...keys, ...strays], (key) => bucket.put(key, "new"));
  const bodies = async () => {
    const contents = [...await bucket.contents()];
    return Object.fromEntries(contents.map(([key, { body }]) => [key, body]));
  };
  const options = { store, snapshot: id, target: bucket.handle, delay };
  return {
    server,
    bucket,
    store,
    options,
    bodies,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("only keys that fulfil every condition are restored and deleted", async () => {
  await using given = await overwritten(
    ["a/1.jpg", "a/2.jpg", "a/3.txt", "b/1.jpg"],
    ["a/stray.jpg", "a/stray.txt", "b/stray.jpg"],
  );
  const report = await restore({
    ...given.options,
    prefixes: ["a/"],
    include: ["*.jpg"],
    exclude: ["2.*"],
    delete: true,
  });
  assert.deepEqual([report.objects, report.copied, report.deleted, report.extra], [1, 1, 1, 0]);
  const { "a/1.jpg": first, ...others } = await given.bodies();
  assert.equal(first, "old");
  assert.deepEqual(Object.keys(others), [
    "a/2.jpg",
    "a/3.txt",
    "a/stray.txt",
    "b/1.jpg",
    "b/stray.jpg",
  ]);
  assert.deepEqual(new Set(Object.values(others)), new Set(["new"]));
});

Deno.test("named keys come back whatever characters they hold, and no others", async () => {
  await using given = await overwritten(AWKWARD_KEYS);
  const named = AWKWARD_KEYS.filter((_, i) => i % 3 === 0);
  const report = await restore({ ...given.options, keys: [...named, named[0]!] });
  assert.deepEqual([report.objects, report.copied, report.absent], [named.length, named.length, 0]);
  const bodies = await given.bodies();
  for (const key of AWKWARD_KEYS) {
    assert.equal(bodies[key], named.includes(key) ? "old" : "new", JSON.stringify(key));
  }
});

Deno.test("a named key that the snapshot lacks is reported, or deleted where that is wanted", async () => {
  await using given = await overwritten(["a", "c"], ["b", "d"]);
  const options = { ...given.options, keys: ["a", "b", "nowhere"] };
  for (const dryRun of [true, false]) {
    const report = await restore({ ...options, dryRun });
    assert.deepEqual([report.objects, report.copied, report.absent, report.extra], [1, 1, 2, 1]);
    assert.deepEqual(report.failed.map(({ key, code }) => [key, code]), [
      ["b", "NotInSnapshot"],
      ["nowhere", "NotInSnapshot"],
    ]);
  }
  const report = await restore({ ...options, delete: true });
  assert.deepEqual([report.unchanged, report.deleted, report.absent], [1, 1, 2]);
  assert.deepEqual(report.failed, []);
  assert.deepEqual(await given.bodies(), { a: "old", c: "new", d: "new" });
});

Deno.test("the safety snapshot of a selection undoes all that was touched", async () => {
  await using given = await overwritten(["a/1", "a/2", "b/1"], ["a/stray", "c/stray"]);
  const before = await given.bodies();
  const keys = ["a/1", "a/stray", "b/1", "c/stray"];
  const { safetySnapshot } = await restore({ ...given.options, keys, delete: true });
  assert.deepEqual(await given.bodies(), { "a/1": "old", "a/2": "new", "b/1": "old" });
  await restore({ ...given.options, snapshot: safetySnapshot!, delete: true });
  assert.deepEqual(await given.bodies(), before);
});

Deno.test("a safety snapshot can be restored with the very selection that it was made for", async () => {
  const selections: SelectOptions[] = [
    { prefixes: ["a/", "b/"], keys: ["a/1", "c/1"] },
    { prefixes: ["a/"], include: ["/a/1*"] },
    { include: ["/a/1*"], exclude: ["2"] },
    { keys: ["b/1"], include: ["1"] },
  ];
  for (const selection of selections) {
    await using given = await overwritten(["a/1", "a/2", "b/1"], ["a/1x"]);
    const before = await given.bodies();
    const { safetySnapshot } = await restore({ ...given.options, ...selection, delete: true });
    await given.bucket.put("a/2", "later");
    const undo = { ...given.options, ...selection, snapshot: safetySnapshot!, delete: true };
    await restore(undo);
    assert.deepEqual(await given.bodies(), { ...before, "a/2": "later" });
  }
});

Deno.test("no keys select nothing, and a key outside the target's limit is refused", async () => {
  await using given = await overwritten(["a"]);
  const nothing = { ...given.options, keys: [], delete: true };
  await assert.rejects(restore(nothing), { code: "NothingSelected" });
  const report = await restore({ ...nothing, allowEmpty: true });
  assert.deepEqual([report.objects, report.deleted, report.safetySnapshot], [0, 0, null]);
  assert.deepEqual(await given.bodies(), { a: "new" });
  await assert.rejects(restore({ ...given.options, keys: [""] }), { code: "InvalidInput" });
  await assert.rejects(
    restore({ ...given.options, toPrefix: "x/", include: ["[a"] }),
    { code: "InvalidInput", message: /"\[a" is no pattern/ },
  );
});

Deno.test("a file of 2015 is restored by selection, too", async () => {
  await using given = await overwritten(["a/1", "a/2", "b"]);
  const contents = [];
  for (
    const { key: Key, versionId: VersionId, size: Size, isLatest } of await given.bucket.versions()
  ) {
    if (!isLatest) contents.push({ Key, VersionId, Size, LastModified: "2015-06-04T01:19:56Z" });
  }
  await putLegacy(given.store, "20150605152158+0000UTC.Z", legacyText(contents));
  const options = { ...given.options, snapshot: "20150605" };
  const named = await restore({ ...options, keys: ["a/2", "nowhere"] });
  assert.deepEqual([named.copied, named.failed.length], [1, 1]);
  const matched = await restore({ ...options, include: ["/a/*"] });
  assert.deepEqual([matched.objects, matched.copied, matched.unchanged], [2, 1, 1]);
  assert.deepEqual(await given.bodies(), { "a/1": "old", "a/2": "old", b: "new" });
});

Deno.test("a plan of a selection is that part of the whole plan", async () => {
  const keys = ["a", "a/1", "a/2", "a/b/1", "b/1", "b/\uffff", "b/\u{1f600}", "c\n"];
  const strays = ["a/0", "b", "d"];
  await using given = await overwritten(keys, strays);
  const part = fc.subarray([...keys, ...strays, "nowhere"]);
  const selections: fc.Arbitrary<SelectOptions> = fc.record({
    prefixes: fc.subarray(["a", "a/", "b/", "x"]),
    keys: fc.option(part, { nil: undefined }),
    include: fc.subarray(["1", "/a/**", "b/?", "c*"]),
    exclude: fc.subarray(["/a/*", "2"]),
  });
  await fc.assert(
    fc.asyncProperty(selections, fc.boolean(), async (selection, isDeleting) => {
      const report = await restore({
        ...given.options,
        ...selection,
        delete: isDeleting,
        dryRun: true,
        allowEmpty: true,
      });
      const isSelected = (key: string) => fulfils(key, selection);
      const strayCount = strays.filter(isSelected).length;
      assert.equal(report.objects, keys.filter(isSelected).length);
      assert.equal(report.copied, report.objects);
      assert.deepEqual(
        [report.extra, report.deleted],
        isDeleting ? [0, strayCount] : [strayCount, 0],
      );
      const absent = (selection.keys ?? [])
        .filter((key) => !keys.includes(key) && isSelected(key));
      assert.equal(report.absent, absent.length);
      assert.equal(report.failed.length, isDeleting ? 0 : absent.length);
    }),
    runs(40),
  );
});

/** The rule as the documentation has it, for the patterns above. */
function fulfils(key: string, { prefixes, keys, include, exclude }: SelectOptions): boolean {
  const regExps: Record<string, RegExp> = {
    "1": /(^|\/)1$/,
    "2": /(^|\/)2$/,
    "/a/**": /^a\/.*$/s,
    "/a/*": /^a\/[^/]*$/,
    "b/?": /(^|\/)b\/[^/]$/u,
    "c*": /(^|\/)c[^/]*$/,
  };
  const any = (patterns: readonly string[]) => patterns.some((each) => regExps[each]!.test(key));
  return (!prefixes?.length || prefixes.some((prefix) => key.startsWith(prefix))) &&
    (!keys || keys.includes(key)) && (!include?.length || any(include)) && !any(exclude!);
}
