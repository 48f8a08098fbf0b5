import assert from "node:assert/strict";
import type { SnapshotStore } from "../model/store.ts";
import type { StoreCheck } from "./check.ts";
import { bodyOf, chunked, sampleBytes, trackedBody } from "./bodies.ts";
import { expectBytes, expectMissing, expectNames, rejection } from "./expect.ts";

const REASON = new Error("the caller's reason");

/** Bytes read before the abort: nothing, little, more than one request's worth. */
const ABORT_POINTS: readonly number[] = [0, 1_000, 9 * 1024 * 1024];

async function abortPut(store: SnapshotStore, name: string, length: number): Promise<void> {
  const body = trackedBody(chunked(sampleBytes(length, 2), [500_000]), "stall");
  const abort = new AbortController();
  const put = store.put(name, body.stream, { signal: abort.signal });
  await Promise.race([body.drained, put]);
  abort.abort(REASON);
  assert.equal(await rejection(put, "an aborted put"), REASON);
  assert.ok(body.cancelled, "an aborted put did not cancel its body");
}

/** What an abort promises. */
export const abortChecks: readonly StoreCheck[] = [
  {
    name: "shows nothing of a put that is aborted, rejects with the reason and cancels the body",
    async run({ store }): Promise<void> {
      for (const length of ABORT_POINTS) {
        await abortPut(store, "name", length);
        await expectMissing(store, "name");
        await expectNames(store, []);
      }
    },
  },
  {
    name: "keeps what was there when the new put is aborted",
    async run({ store }): Promise<void> {
      await store.put("name", bodyOf(sampleBytes(3_000)));
      for (const length of ABORT_POINTS) {
        await abortPut(store, "name", length);
        await expectBytes(store, "name", sampleBytes(3_000));
      }
    },
  },
  {
    name: "refuses a signal that is aborted already, with its reason",
    async run({ store }): Promise<void> {
      await store.put("name", bodyOf(sampleBytes(10)));
      const signal = AbortSignal.abort(REASON);
      const body = trackedBody([sampleBytes(20)]);
      assert.equal(await rejection(store.put("name", body.stream, { signal }), "put"), REASON);
      assert.ok(body.cancelled, "put did not cancel the body");
      assert.equal(await rejection(store.get("name", { signal }), "get"), REASON);
      assert.equal(await rejection(store.delete("name", { signal }), "delete"), REASON);
      assert.equal(await rejection(Array.fromAsync(store.list({ signal })), "list"), REASON);
      await expectBytes(store, "name", sampleBytes(10));
    },
  },
  {
    name: "errors a stream with the reason when it is aborted while it is read",
    async run({ store }): Promise<void> {
      await store.put("name", bodyOf(sampleBytes(4 * 1024 * 1024)));
      const abort = new AbortController();
      const reader = (await store.get("name", { signal: abort.signal })).getReader();
      assert.equal((await reader.read()).done, false);
      abort.abort(REASON);
      const rest = async () => {
        while (!(await reader.read()).done);
      };
      assert.equal(await rejection(rest(), "reading an aborted stream"), REASON);
      await store.delete("name");
    },
  },
  {
    name: "ends a list with the reason when it is aborted",
    async run({ store }): Promise<void> {
      for (let i = 0; i < 5; i++) await store.put(`name-${i}`, bodyOf(sampleBytes(1)));
      const abort = new AbortController();
      const list = store.list({ signal: abort.signal })[Symbol.asyncIterator]();
      assert.equal((await list.next()).value.name, "name-0");
      abort.abort(REASON);
      assert.equal(await rejection(Promise.resolve(list.next()), "an aborted list"), REASON);
    },
  },
];
