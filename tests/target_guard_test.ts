import assert from "node:assert/strict";
import { S3Error } from "../lib/model/errors.ts";
import { copyVersion } from "../lib/s3/copy_version.ts";
import { DeleteGuard } from "../lib/s3/delete_guard.ts";
import { listVersions } from "../lib/s3/list_versions.ts";
import { TargetGuard, type WriteCondition } from "../lib/s3/target_guard.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { versionsOf } from "./entry_batches.ts";

const KEYS = Array.from({ length: 10 }, (_, i) => `k${i}`);

/** Two buckets with the same keys and other contents. */
async function pair() {
  const stack = new AsyncDisposableStack();
  const emulator = stack.use(await startEmulator());
  for (const name of ["replica", "target"]) {
    emulator.createBucket(name, { versioning: "Enabled" });
    emulator.seed(name, KEYS.map((key) => ({ key, body: `${name} ${key}` })));
  }
  const from = stack.use(openEmulated(emulator, "replica"));
  const to = stack.use(openEmulated(emulator, "target"));
  const wanted = await versionsOf(listVersions(from));
  const seen = (await versionsOf(listVersions(to))).map(({ etag }) => etag);
  emulator.requests.clear();
  const copy = (guard: TargetGuard, i: number, seenETag = seen[i]!) =>
    copyVersion({ ...wanted[i]!, from, to, toKey: wanted[i]!.key, guard, seenETag });
  const looks = () =>
    emulator.requests.of("HeadObject").filter(({ bucket }) => bucket === "target").length;
  return { emulator, to, seen, copy, looks, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

Deno.test("a server that refuses by condition is tried out once, then trusted", async () => {
  await using given = await pair();
  const guard = new TargetGuard(given.to);
  for (const i of KEYS.keys()) await given.copy(guard, i);
  assert.equal(given.looks(), 1);
  const copies = given.emulator.requests.of("CopyObject");
  assert.deepEqual(copies.map(({ status }) => status), [412, 412, ...KEYS.map(() => 200)]);
  assert.ok(
    copies.slice(2).every(({ headers }, i) => headers["if-match"] === `"${given.seen[i]}"`),
  );
});

Deno.test("copies that begin together try out once, too, and look until the answer is known", async () => {
  await using given = await pair();
  const guard = new TargetGuard(given.to);
  await Promise.all(KEYS.map((_, i) => given.copy(guard, i)));
  const copies = given.emulator.requests.of("CopyObject");
  assert.equal(copies.filter(({ status }) => status === 412).length, 2);
  assert.equal(copies.filter(({ status }) => status === 200).length, KEYS.length);
});

Deno.test("a copy whose answer was lost is not taken for somebody else's", async () => {
  await using given = await pair();
  const guard = new TargetGuard(given.to);
  await given.copy(guard, 0);
  given.emulator.faults.add({ kind: "reset", operation: "CopyObject", key: "k1", applied: true });
  const { etagKept } = await given.copy(guard, 1);
  assert.ok(etagKept);
  assert.equal((await versionsOf(listVersions(given.to))).length, KEYS.length + 2);
});

Deno.test("where nothing was, nothing is replaced", async () => {
  await using given = await pair();
  const guard = new TargetGuard(given.to);
  await assert.rejects(given.copy(guard, 0, ""), {
    code: "TargetChanged",
    message: /"k0" in bucket target was changed.*there was no object then/,
  });
  await given.copy(guard, 1);
  // The condition is known by now to be honoured, and no look is needed.
  const looks = given.looks();
  await assert.rejects(given.copy(guard, 2, ""), { code: "TargetChanged" });
  assert.equal(given.looks(), looks + 1);
  await given.copy(guard, 3, "*");
});

/** Writes by a guard to a server that answers conditions with `answer`. */
async function guarded(answer: (condition: WriteCondition) => number | undefined) {
  await using given = await pair();
  const guard = new TargetGuard(given.to);
  const sent: string[] = [];
  for (const [i, key] of KEYS.slice(0, 3).entries()) {
    await guard.write({
      operation: "CopyObject",
      key,
      seenETag: given.seen[i]!,
      newETag: "new",
      mayProbe: true,
      send: (condition) => {
        const [name = "nothing"] = Object.keys(condition);
        const status = answer(condition);
        sent.push(`${name} ${status ?? "done"}`);
        if (status === undefined) return Promise.resolve({ etag: "new", versionId: "v" });
        return Promise.reject(new S3Error("Refused", "refused", { status }));
      },
    });
  }
  return { sent, looks: given.looks() };
}

Deno.test("a server that passes over conditions is asked to look at every key", async () => {
  const { sent, looks } = await guarded(() => undefined);
  assert.deepEqual(sent, ["IfMatch done", "IfNoneMatch done", "nothing done"]);
  assert.equal(looks, 3);
});

Deno.test("a server that does not know the condition's header is not sent it again", async () => {
  const { sent } = await guarded((condition) => "IfMatch" in condition ? 501 : undefined);
  assert.deepEqual(sent, ["IfMatch 501", "IfNoneMatch done", "nothing done", "nothing done"]);
});

Deno.test("a condition that never holds, though nothing changed, is given up", async () => {
  const { sent } = await guarded((condition) =>
    Object.keys(condition).length > 0 ? 412 : undefined
  );
  assert.deepEqual(sent, [
    "IfMatch 412",
    "IfNoneMatch 412",
    "IfMatch 412",
    ...Array(3).fill("nothing done"),
  ]);
});

Deno.test("a write that meets another one is tried again, and not for ever", async () => {
  let conflicts = 0;
  const once = await guarded((condition) => {
    if (condition.IfMatch?.startsWith('"000')) return 412;
    if (condition.IfNoneMatch) return 412;
    return conflicts++ === 0 ? 409 : undefined;
  });
  assert.deepEqual(once.sent.slice(2, 4), ["IfMatch 409", "IfMatch done"]);
  await assert.rejects(guarded(() => 409), { status: 409 });
});

Deno.test("deletions are tried out once, then sent a thousand a request by condition", async () => {
  await using given = await pair();
  const guard = new DeleteGuard(given.to);
  const objects = KEYS.map((key, i) => ({ key, seenETag: i === 4 ? "other" : given.seen[i]! }));
  const results = await Promise.all([
    guard.delete(objects.slice(0, 5)),
    guard.delete(objects.slice(5)),
  ]);
  assert.equal(results.reduce((sum, { deleted }) => sum + deleted, 0), 9);
  assert.deepEqual(results.flatMap(({ failed }) => failed.map(({ key, code }) => [key, code])), [
    ["k4", "TargetChanged"],
  ]);
  assert.equal(given.looks(), 2);
  assert.equal(given.emulator.requests.of("DeleteObjects").length, 4);
});

Deno.test("after many looks at empty keys one copy is repeated, and the looking ends", async () => {
  await using given = await pair();
  const { emulator, to } = given;
  const guard = new TargetGuard(to);
  const keys = Array.from({ length: 120 }, (_, i) => `n${i}`);
  for (const key of keys) {
    const source = emulator.buckets.get("replica")!.currentObject("k0")!;
    const version = { versionId: source.versionId, etag: source.etag, size: source.content.size };
    await using from = openEmulated(emulator, "replica");
    await copyVersion({ key: "k0", ...version, from, to, toKey: key, guard, seenETag: "" });
  }
  assert.equal(given.looks(), 100);
  const refused = emulator.requests.of("CopyObject").filter(({ status }) => status === 412);
  assert.deepEqual(refused.map(({ key }) => key), ["n99", "n99"]);
  assert.equal((await versionsOf(listVersions(to))).length, KEYS.length + keys.length);
});
