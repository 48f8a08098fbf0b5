import assert from "node:assert/strict";
import type { SnapshotStore } from "../model/store.ts";
import type { StoreCheck } from "./check.ts";
import { bodyOf, chunked, sampleBytes, trackedBody } from "./bodies.ts";
import {
  expectBytes,
  expectCode,
  expectMissing,
  expectNames,
  expectSame,
  inBackground,
  listAll,
  readAll,
  rejection,
} from "./expect.ts";

/** More than stores hold in memory at a time, or send in one request. */
const LARGE_BYTES = 9 * 1024 * 1024 + 12_345;

/** Chunks that no block size divides, and empty ones in between. */
const ODD_CHUNKS: readonly number[] = [1, 0, 65_537, 333_333, 0, 0, 7, 1_048_577];

/** How much of a body came before it failed. */
const FAILURE_POINTS: readonly number[] = [0, 1_000, LARGE_BYTES];

async function expectFailureLeavesNothing(store: SnapshotStore, length: number): Promise<void> {
  const failure = new Error("the body's own error");
  const body = trackedBody(chunked(sampleBytes(length), [500_000]), { error: failure });
  const error = await rejection(store.put("new", body.stream), "put of a failing body");
  assert.equal(error, failure, "put must reject with the error of its body");
  await expectMissing(store, "new");
  await expectNames(store, []);
}

async function expectFailureKeepsOld(store: SnapshotStore, length: number): Promise<void> {
  const old = sampleBytes(4_321);
  await store.put("old", bodyOf(old));
  const error = new Error("the body's own error");
  const body = trackedBody(chunked(sampleBytes(length, 2), [500_000]), { error });
  await rejection(store.put("old", body.stream), "put of a failing body");
  await expectBytes(store, "old", old);
  assert.deepEqual(await listAll(store), [{ name: "old", size: old.length }]);
}

/** What `put` promises. */
export const putChecks: readonly StoreCheck[] = [
  {
    name: "keeps an empty body",
    async run({ store }): Promise<void> {
      await store.put("none", trackedBody([]).stream);
      await store.put("empty-chunks", trackedBody([new Uint8Array(), new Uint8Array()]).stream);
      for (const name of ["none", "empty-chunks"]) await expectBytes(store, name, new Uint8Array());
      assert.deepEqual(await listAll(store), [
        { name: "empty-chunks", size: 0 },
        { name: "none", size: 0 },
      ]);
    },
  },
  {
    name: "keeps a large body in chunks of any size",
    async run({ store }): Promise<void> {
      const bytes = sampleBytes(LARGE_BYTES);
      await store.put("large", trackedBody(chunked(bytes, ODD_CHUNKS)).stream);
      await expectBytes(store, "large", bytes);
      assert.deepEqual(await listAll(store), [{ name: "large", size: LARGE_BYTES }]);
    },
  },
  {
    name: "replaces what was there, whole",
    async run({ store }): Promise<void> {
      for (const [i, length] of [300_000, 5, 0, 70_000].entries()) {
        await store.put("name", bodyOf(sampleBytes(length, i)));
        await expectBytes(store, "name", sampleBytes(length, i));
        assert.deepEqual(await listAll(store), [{ name: "name", size: length }]);
      }
    },
  },
  {
    name: "shows nothing of a body that fails, and rejects with the body's error",
    async run({ store }): Promise<void> {
      for (const length of FAILURE_POINTS) await expectFailureLeavesNothing(store, length);
    },
  },
  {
    name: "keeps what was there when the new body fails",
    async run({ store }): Promise<void> {
      for (const length of FAILURE_POINTS) await expectFailureKeepsOld(store, length);
    },
  },
  {
    name: "shows nothing of a put that is under way",
    async run({ store }): Promise<void> {
      const gate = Promise.withResolvers<void>();
      const bytes = sampleBytes(LARGE_BYTES);
      const body = trackedBody(chunked(bytes, [1_000_000]), { until: gate.promise });
      const put = inBackground(store.put("name", body.stream));
      await Promise.race([body.drained, put]);
      await expectMissing(store, "name");
      await expectNames(store, []);
      gate.resolve();
      await put;
      await expectBytes(store, "name", bytes);
    },
  },
  {
    name: "makes one whole body win when many are put under one name",
    async run({ store }): Promise<void> {
      const bodies = Array.from({ length: 8 }, (_, i) => sampleBytes(100_000 + i * 1_001, i));
      await Promise.all(bodies.map((bytes) => {
        return store.put("name", trackedBody(chunked(bytes, [9_999])).stream);
      }));
      const actual = await readAll(store, "name");
      const winner = bodies.find((bytes) => bytes.length === actual.length);
      assert.ok(winner, "what came back has the length of no body");
      expectSame(actual, winner, "name");
      assert.deepEqual(await listAll(store), [{ name: "name", size: actual.length }]);
    },
  },
  {
    name: "keeps many bodies that are put at once under many names",
    async run({ store }): Promise<void> {
      const names = Array.from({ length: 24 }, (_, i) => `many/${String(i).padStart(2, "0")}`);
      await Promise.all(names.map((name, i) => store.put(name, bodyOf(sampleBytes(i * 100, i)))));
      await expectNames(store, names);
      for (const [i, name] of names.entries()) {
        await expectBytes(store, name, sampleBytes(i * 100, i));
      }
    },
  },
  {
    name: "shows what was put to another handle, and after it was closed",
    needsAgain: true,
    async run({ store, openAgain }): Promise<void> {
      const bytes = sampleBytes(200_000);
      await using again = await openAgain!();
      await store.put("a/b", bodyOf(bytes));
      await expectBytes(again, "a/b", bytes);
      await store[Symbol.asyncDispose]();
      await using afterwards = await openAgain!();
      await expectNames(afterwards, ["a/b"]);
      await expectBytes(afterwards, "a/b", bytes);
      await expectCode(afterwards.get("a/c"), "NotFound", "get of a missing name");
    },
  },
];
