import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import type { ObjectVersion } from "../lib/model/entry.ts";
import { S3Error } from "../lib/model/errors.ts";
import { listVersions, type ListVersionsOptions } from "../lib/s3/list_versions.ts";
import { openEmulated, openLocal } from "./emulated_bucket.ts";
import { type EmulatorOptions, startEmulator } from "./emulator/emulator.ts";
import { versionsOf } from "./entry_batches.ts";
import { runs } from "./seed.ts";

/** Keys whose order, encoding or nesting goes wrong easily. */
const AWKWARD_KEYS = [
  " ",
  "!",
  "%",
  "%41",
  "+",
  "..",
  "../a",
  "/",
  "//",
  "/a",
  "<&>'\"",
  "A",
  "a",
  "a ",
  "a b",
  "a+b",
  "a/",
  "a/b",
  "a%2Fb",
  "a\n",
  "a\0",
  "\u0001",
  "é",
  "e\u0301",
  "\uffff",
  "\ue000",
  "\u{10000}",
  "\u{1f600}",
  "z".repeat(1024),
  "é".repeat(512),
];

const history = fc.array(
  fc.record({
    key: fc.oneof(
      fc.constantFrom(...AWKWARD_KEYS),
      fc.string({ unit: "binary", minLength: 1, maxLength: 4 }),
    ),
    deleteMarker: fc.boolean(),
  }),
  { maxLength: 40 },
);

/** What a listing must give, found out in the plainest way. */
function expected(
  writes: readonly { readonly key: string; readonly deleteMarker: boolean }[],
  ids: readonly (string | undefined)[],
  { prefix = "", after, before }: ListVersionsOptions,
): { key: string; versionId: string | undefined; isDeleteMarker: boolean; isLatest: boolean }[] {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const compare = (a: string, b: string) => {
    const x = bytes(a), y = bytes(b);
    const at = x.findIndex((byte, i) => byte !== y[i]);
    return at < 0 ? x.length - y.length : x[at]! - (y[at] ?? -1);
  };
  const newestFirst = writes.map(({ key, deleteMarker }, i) => ({
    key,
    versionId: ids[i],
    isDeleteMarker: deleteMarker,
    isLatest: !writes.slice(i + 1).some((later) => later.key === key),
  })).reverse();
  return newestFirst
    .filter(({ key }) => key.startsWith(prefix))
    .filter(({ key }) => after === undefined || compare(key, after) > 0)
    .filter(({ key }) => before === undefined || compare(key, before) < 0)
    .sort((a, b) => compare(a.key, b.key));
}

function outline(versions: readonly ObjectVersion[]) {
  return versions.map(({ key, versionId, isDeleteMarker, isLatest }) => ({
    key,
    versionId,
    isDeleteMarker,
    isLatest,
  }));
}

Deno.test("a listing of any range gives each version once, in order, on every kind of server", async () => {
  const bound = fc.option(
    fc.oneof(fc.constantFrom(...AWKWARD_KEYS), fc.string({ unit: "binary", maxLength: 3 })),
    { nil: undefined },
  );
  await fc.assert(
    fc.asyncProperty(
      history,
      fc.record({
        pageSize: fc.integer({ min: 1, max: 7 }),
        inclusiveKeyMarker: fc.boolean(),
        shortPages: fc.boolean(),
        seed: fc.nat(),
      }),
      fc.record({
        prefix: fc.constantFrom("", "a", "a/", "é", "\u{10000}"),
        after: bound,
        before: bound,
      }),
      async (writes, server, range) => {
        await using emulator = await startEmulator(server);
        emulator.createBucket("bucket", { versioning: "Enabled" });
        const ids = emulator.seed("bucket", writes);
        await using bucket = openEmulated(emulator, "bucket");
        const options = withoutUndefined(range);
        const found = await versionsOf(listVersions(bucket, options));
        assert.deepEqual(outline(found), expected(writes, ids, options));
      },
    ),
    runs(40),
  );
});

function withoutUndefined<T extends object>(record: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const defined = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** A bucket with 2,500 versions of `many` between two other keys. */
async function manyVersions(options: EmulatorOptions) {
  const emulator = await startEmulator(options);
  emulator.createBucket("bucket", { versioning: "Enabled" });
  emulator.seed("bucket", [{ key: "before" }, { key: "later" }, { key: "many.txt" }]);
  const ids = emulator.seed("bucket", Array.from({ length: 2500 }, () => ({ key: "many" })));
  return { emulator, ids };
}

for (const inclusiveKeyMarker of [false, true]) {
  const kind = inclusiveKeyMarker ? "inclusive" : "exclusive";
  Deno.test(`thousands of versions of one key span pages, with ${kind} markers`, async () => {
    const { emulator, ids } = await manyVersions({ inclusiveKeyMarker });
    await using _ = emulator;
    await using bucket = openEmulated(emulator, "bucket");
    const all = await versionsOf(listVersions(bucket));
    const many = all.filter(({ key }) => key === "many").map(({ versionId }) => versionId);
    assert.deepEqual(many, ids.toReversed());
    assert.equal(all.length, 2503);
    const after = await versionsOf(listVersions(bucket, { after: "many" }));
    assert.deepEqual(after.map(({ key }) => key), ["many.txt"]);
  });
}

Deno.test("null versions keep their place among the others across pages", async () => {
  await using emulator = await startEmulator({ pageSize: 1 });
  const held = emulator.createBucket("bucket");
  emulator.seed("bucket", [{ key: "a" }]);
  held.versioning = "Enabled";
  const [second] = emulator.seed("bucket", [{ key: "a" }]);
  await using bucket = openEmulated(emulator, "bucket");
  const versions = await versionsOf(listVersions(bucket));
  assert.deepEqual(versions.map(({ versionId }) => versionId), [second, "null"]);
});

Deno.test("a page that fails, breaks off or lies is asked for again", async () => {
  for (const kind of ["slowdown", "internal-error", "reset", "cut-body", "error-in-200"] as const) {
    await using emulator = await startEmulator({ pageSize: 2 });
    emulator.createBucket("bucket", { versioning: "Enabled" });
    emulator.seed("bucket", [{ key: "a" }, { key: "b" }, { key: "c" }, { key: "d" }]);
    emulator.faults.add({ kind, operation: "ListObjectVersions", after: 1 });
    await using bucket = openEmulated(emulator, "bucket");
    const versions = await versionsOf(listVersions(bucket));
    assert.deepEqual(versions.map(({ key }) => key), ["a", "b", "c", "d"], kind);
    assert.equal(emulator.requests.count("ListObjectVersions"), 3, kind);
  }
});

Deno.test("progress is told page by page, of versions in the range only", async () => {
  await using emulator = await startEmulator({ pageSize: 2, inclusiveKeyMarker: true });
  emulator.createBucket("bucket", { versioning: "Enabled" });
  emulator.seed("bucket", [{ key: "a" }, { key: "b" }, { key: "c" }, { key: "d" }]);
  await using bucket = openEmulated(emulator, "bucket");
  const pages: number[] = [];
  const onPage = (versions: number) => pages.push(versions);
  await versionsOf(listVersions(bucket, { after: "a", before: "d", onPage }));
  assert.deepEqual(pages, [1, 1]);
});

Deno.test("an abort ends a listing with its reason", async () => {
  await using emulator = await startEmulator({ pageSize: 1, latency: 20 });
  emulator.createBucket("bucket", { versioning: "Enabled" });
  emulator.seed("bucket", [{ key: "a" }, { key: "b" }, { key: "c" }]);
  await using bucket = openEmulated(emulator, "bucket");
  const controller = new AbortController();
  const reason = new Error("enough");
  const seen: string[] = [];
  await assert.rejects(async () => {
    for await (const _ of listVersions(bucket, { signal: controller.signal })) {
      seen.push("page");
      setTimeout(() => controller.abort(reason), 5);
    }
  }, (error) => error === reason);
  assert.equal(seen.length, 1);
});

/** A server that answers every request with the same document. */
function serve(document: string) {
  const respond = () => new Response(document, { headers: { "content-type": "application/xml" } });
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, respond);
}

function listing(...keys: string[]): string {
  const versions = keys.map((key) =>
    `<Version><Key>${key}</Key><VersionId>1</VersionId><Size>1</Size>` +
    `<LastModified>2026-11-23T05:32:26.000Z</LastModified></Version>`
  );
  return `<ListVersionsResult><IsTruncated>true</IsTruncated>${versions.join("")}` +
    `</ListVersionsResult>`;
}

async function codeOf(document: string): Promise<string> {
  await using server = serve(document);
  await using bucket = openLocal(server.addr.port);
  try {
    await versionsOf(listVersions(bucket));
  } catch (error) {
    assert.ok(error instanceof S3Error);
    assert.match(error.message, /bucket/);
    return error.code;
  }
  throw new assert.AssertionError({ message: "the listing went through" });
}

Deno.test("a server that breaks the order of keys is refused", async () => {
  assert.equal(await codeOf(listing("b", "a")), "UnorderedListing");
  assert.equal(await codeOf(listing("\u{10000}", "\uffff")), "UnorderedListing");
});

Deno.test("a server that sends the same page for ever is refused", async () => {
  assert.equal(await codeOf(listing("a")), "StuckListing");
  assert.equal(await codeOf(listing()), "StuckListing");
});

Deno.test("what is no listing is refused, not taken for an empty bucket", async () => {
  assert.equal(await codeOf("<html><body>Welcome</body></html>"), "UnreadableAnswer");
  assert.equal(await codeOf("<ListVersionsResult></ListVersionsResult>"), "UnreadableAnswer");
  assert.equal(await codeOf(listing("a").slice(0, -1)), "UnreadableAnswer");
});
