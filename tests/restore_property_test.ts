import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import type { ObjectVersion } from "../lib/model/entry.ts";
import { restore } from "../lib/restore.ts";
import { snapshot } from "../lib/snapshot.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { runs } from "./seed.ts";
import { TestBucket, type TestObject } from "./test_bucket.ts";

const delay = () => Promise.resolve();

/** What clients do to a bucket: an undefined body deletes. */
type Step = { readonly key: string; readonly body: string | undefined };

function histories(): fc.Arbitrary<Step[]> {
  const key = fc.constantFrom("a", "a/1", "a/2", "b", "b/\uffff", "b/\u{1f600}", "c");
  const body = fc.option(fc.constantFrom("x", "y", "z"), { nil: undefined, freq: 3 });
  return fc.array(fc.record({ key, body }), { maxLength: 12 });
}

async function act(bucket: TestBucket, steps: readonly Step[]): Promise<void> {
  for (const { key, body } of steps) {
    if (body === undefined) await bucket.remove(key);
    else await bucket.put(key, { body, metadata: { was: body }, tags: { was: body } });
  }
}

/** What is restored, and how. */
const scenarios = fc.record({
  /** Whether the target is its own replica. */
  inPlace: fc.boolean(),
  early: histories(),
  late: histories(),
  /** What happens to a source that is another bucket than the replica. */
  elsewhere: histories(),
  /** Whether the moment is named, and not a snapshot of it. */
  at: fc.boolean(),
  undelete: fc.constantFrom(undefined, true, false),
  concurrency: fc.integer({ min: 1, max: 3 }),
});

Deno.test("after any history a restore makes the target what it was, and undo unmakes it", async () => {
  // Near this machine's: the SDK repeats every refusal from a server whose clock is far off.
  const clock = { now: Date.now() };
  await using emulator = await startEmulator({ now: () => clock.now });
  const server = { ...emulator, endpoint: emulator.url };
  let number = 0;
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      number++;
      const { inPlace, early, late, elsewhere, concurrency, undelete } = scenario;
      await using store = openMemoryStore();
      await using replica = await TestBucket.create(server, `replica-${number}`);
      await using source = await TestBucket.create(server, `source-${number}`);
      const target = inPlace ? replica : source;
      await act(replica, early);
      const wanted = await replica.contents();
      const { id, asOf } = await snapshot({ bucket: replica.handle, store, delay });
      clock.now += 1000;
      await act(replica, late);
      if (!inPlace) await act(source, elsewhere);
      const found = await target.contents(), mirrored = await replica.versions();

      const options = {
        ...{ store, replica: replica.handle, target: target.handle, delete: true, delay },
        // The bucket may have been empty.
        allowEmpty: true,
        ...(undelete !== undefined && { undelete }),
        concurrency,
      };
      const what = scenario.at ? { at: Date.parse(asOf) } : { snapshot: id };
      const plan = await restore({ ...options, ...what, dryRun: true });
      assert.deepEqual(await target.contents(), found);
      const done = await restore({ ...options, ...what });
      assert.deepEqual(await target.contents(), wanted);
      for (const name of COUNTS) assert.equal(done[name], plan[name], name);
      if (!inPlace) await assertUndeletedOnly(replica, mirrored, { wanted, undelete });
      const again = await restore({ ...options, ...what });
      assert.equal(again.unchanged, wanted.size);
      assert.equal(again.safetySnapshot, null);

      if (done.safetySnapshot === null) return;
      await restore({ ...options, snapshot: done.safetySnapshot });
      assert.deepEqual(await target.contents(), found);
    }),
    runs(30),
  );
});

const COUNTS = [
  ...["copied", "undeleted", "undeletedInReplica", "deleted", "unchanged", "objects"] as const,
];

/** A restore adds nothing to a replica, and takes away only what hides what is wanted. */
async function assertUndeletedOnly(
  replica: TestBucket,
  before: readonly ObjectVersion[],
  { wanted, undelete = false }: {
    readonly wanted: ReadonlyMap<string, TestObject>;
    readonly undelete?: boolean | undefined;
  },
): Promise<void> {
  const after = await replica.versions();
  const left = new Set(after.map(nameOf));
  const gone = before.filter((version) => !left.has(nameOf(version)));
  assert.equal(after.length, before.length - gone.length);
  assert(undelete || gone.length === 0);
  for (const { key, isDeleteMarker } of gone) {
    assert(isDeleteMarker);
    assert.equal((await replica.read(key)).body, wanted.get(key)?.body);
  }
}

function nameOf({ key, versionId }: ObjectVersion): string {
  return JSON.stringify([key, versionId]);
}
