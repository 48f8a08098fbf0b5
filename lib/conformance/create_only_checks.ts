import assert from "node:assert/strict";
import type { SnapshotStore } from "../model/store.ts";
import type { StoreCheck } from "./check.ts";
import { bodyOf, chunked, sampleBytes, trackedBody } from "./bodies.ts";
import {
  expectBytes,
  expectCode,
  expectMissing,
  expectNames,
  inBackground,
  rejection,
} from "./expect.ts";

const RACERS = 20;

/** A body that a store which writes in one request may refuse to create. */
const LARGE_BYTES = 9 * 1024 * 1024;

function create(store: SnapshotStore, name: string, bytes: Uint8Array): Promise<void> {
  return store.put(name, bodyOf(bytes), { createOnly: true });
}

async function race(stores: readonly SnapshotStore[]): Promise<void> {
  const bodies = Array.from({ length: RACERS }, (_, i) => sampleBytes(1_000 + i, i));
  const puts = bodies.map((bytes, i) => create(stores[i % stores.length]!, "lock", bytes));
  const results = await Promise.allSettled(puts);
  const winners = bodies.filter((_, i) => results[i]!.status === "fulfilled");
  assert.equal(winners.length, 1, `${winners.length} of ${RACERS} createOnly puts succeeded`);
  for (const [i, result] of results.entries()) {
    if (result.status === "rejected") await expectCode(puts[i]!, "AlreadyExists", "a loser's put");
  }
  await expectBytes(stores[0]!, "lock", winners[0]!);
}

/** What `createOnly` promises, and what a store does that cannot. */
export const createOnlyChecks: readonly StoreCheck[] = [
  {
    name: "creates a new name, and refuses one that is taken, with AlreadyExists",
    createOnly: true,
    async run({ store }): Promise<void> {
      const bytes = sampleBytes(5_000);
      await create(store, "a/name", bytes);
      await expectBytes(store, "a/name", bytes);
      const body = trackedBody(chunked(sampleBytes(6_000, 2), [1_000]));
      const put = store.put("a/name", body.stream, { createOnly: true });
      await expectCode(put, "AlreadyExists", "createOnly put of a taken name");
      assert.ok(body.cancelled || body.pulls > 6, "the refused body was not cancelled");
      await expectBytes(store, "a/name", bytes);
      await expectNames(store, ["a/name"]);
    },
  },
  {
    name: "refuses to create a name that was taken while the body was read",
    createOnly: true,
    async run({ store }): Promise<void> {
      const gate = Promise.withResolvers<void>();
      const body = trackedBody([sampleBytes(100, 2)], { until: gate.promise });
      const late = inBackground(store.put("name", body.stream, { createOnly: true }));
      await Promise.race([body.drained, late]);
      await store.put("name", bodyOf(sampleBytes(50)));
      gate.resolve();
      await expectCode(late, "AlreadyExists", "createOnly put of a name taken meanwhile");
      await expectBytes(store, "name", sampleBytes(50));
    },
  },
  {
    name: `lets one of ${RACERS} racing creators win`,
    createOnly: true,
    async run({ store }): Promise<void> {
      await race([store]);
    },
  },
  {
    name: `lets one of ${RACERS} creators win that race through two handles`,
    createOnly: true,
    needsAgain: true,
    async run({ store, openAgain }): Promise<void> {
      await using again = await openAgain!();
      await race([store, again]);
    },
  },
  {
    name: "leaves a name free whose creation failed, and one that was deleted",
    createOnly: true,
    async run({ store }): Promise<void> {
      const body = trackedBody([sampleBytes(100)], { error: new Error("the body's own error") });
      await rejection(store.put("name", body.stream, { createOnly: true }), "a failing put");
      await expectMissing(store, "name");
      await create(store, "name", sampleBytes(10));
      await store.delete("name");
      await create(store, "name", sampleBytes(20));
      await expectBytes(store, "name", sampleBytes(20));
    },
  },
  {
    name: "creates a large body whole, or refuses it with Unsupported",
    createOnly: true,
    async run({ store }): Promise<void> {
      const bytes = sampleBytes(LARGE_BYTES);
      const body = trackedBody(chunked(bytes, [700_000]));
      const put = store.put("large", body.stream, { createOnly: true });
      if ((await Promise.allSettled([put]))[0]!.status === "fulfilled") {
        return await expectBytes(store, "large", bytes);
      }
      await expectCode(put, "Unsupported", "createOnly put of a large body");
      await expectMissing(store, "large");
    },
  },
  {
    name: "refuses every createOnly with Unsupported, and changes nothing",
    createOnly: false,
    async run({ store }): Promise<void> {
      await store.put("taken", bodyOf(sampleBytes(10)));
      for (const name of ["taken", "free"]) {
        const body = trackedBody([sampleBytes(20)]);
        const put = store.put(name, body.stream, { createOnly: true });
        await expectCode(put, "Unsupported", `createOnly put of ${name}`);
      }
      await expectBytes(store, "taken", sampleBytes(10));
      await expectNames(store, ["taken"]);
    },
  },
];
