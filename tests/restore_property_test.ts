import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { restore } from "../lib/restore.ts";
import { snapshot } from "../lib/snapshot.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { runs } from "./seed.ts";
import { TestBucket } from "./test_bucket.ts";

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

Deno.test("after any history a restore makes the target what the snapshot says, and undo unmakes it", async () => {
  await using emulator = await startEmulator();
  const server = { ...emulator, endpoint: emulator.url };
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      histories(),
      histories(),
      histories(),
      fc.integer({ min: 1, max: 3 }),
      async (inPlace, early, late, elsewhere, concurrency) => {
        number++;
        await using store = openMemoryStore();
        await using replica = await TestBucket.create(server, `replica-${number}`);
        await using source = await TestBucket.create(server, `source-${number}`);
        const target = inPlace ? replica : source;
        await act(replica, early);
        const wanted = await replica.contents();
        const { id } = await snapshot({ bucket: replica.handle, store, delay });
        await act(replica, late);
        if (!inPlace) await act(source, elsewhere);
        const found = await target.contents();

        const options = {
          store,
          replica: replica.handle,
          target: target.handle,
          delete: true,
          delay,
          concurrency,
        };
        const plan = await restore({ ...options, snapshot: id, dryRun: true });
        assert.deepEqual(await target.contents(), found);
        const done = await restore({ ...options, snapshot: id });
        assert.deepEqual(await target.contents(), wanted);
        for (const name of ["copied", "undeleted", "deleted", "unchanged", "objects"] as const) {
          assert.equal(done[name], plan[name], name);
        }
        const again = await restore({ ...options, snapshot: id });
        assert.equal(again.unchanged, wanted.size);
        assert.equal(again.safetySnapshot, null);

        if (done.safetySnapshot === null) return;
        await restore({ ...options, snapshot: done.safetySnapshot });
        assert.deepEqual(await target.contents(), found);
      },
    ),
    runs(25),
  );
});
