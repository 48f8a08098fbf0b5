/** What every built-in store does alike, whatever backend it has. */
import assert from "node:assert/strict";
import { guardStore } from "../backends/guarded_store.ts";
import type { RawStore } from "../backends/raw_store.ts";
import { StoreError } from "../lib/model/errors.ts";

/** A backend that does what a test asks, and notes when it is closed. */
function rawStore(members: Partial<RawStore>, log: string[] = []): RawStore {
  return {
    url: "raw:",
    put: async (_name, chunks) => {
      for await (const chunk of chunks) log.push(`chunk of ${chunk.length}`);
    },
    get: () => Promise.reject(new Error("no get")),
    async *list() {},
    delete: () => Promise.reject(new Error("no delete")),
    toStoreError: (cause, what) => new StoreError("Unavailable", `${what}: ${cause}`, { cause }),
    close: () => {
      log.push("closed");
      return Promise.resolve();
    },
    ...members,
  };
}

const STALLED = () => new Promise<never>(() => {});

Deno.test("disposal ends a put that is under way, and closes the backend after it", async () => {
  const log: string[] = [];
  const store = guardStore(rawStore({}, log));
  const cancelled = Promise.withResolvers<unknown>();
  const put = store.put(
    "a",
    new ReadableStream({ pull: STALLED, cancel: (reason) => cancelled.resolve(reason) }),
  );
  const noted = put.catch((error) => log.push(error.code));
  await store[Symbol.asyncDispose]();
  await noted;
  assert.deepEqual(log.sort(), ["Closed", "closed"]);
  assert.ok(await cancelled.promise instanceof StoreError);
});

Deno.test("disposal errors a stream that is being read, and closes its source", async () => {
  const source = Promise.withResolvers<void>();
  const close = () => Promise.resolve(source.resolve());
  const get = () => Promise.resolve({ size: 1, read: STALLED, close });
  const store = guardStore(rawStore({ get }));
  const reader = (await store.get("a")).getReader();
  const reading = assert.rejects(reader.read(), { name: "StoreError", code: "Closed" });
  await store[Symbol.asyncDispose]();
  await reading;
  await source.promise;
});

Deno.test("disposal waits for the step of a listing that is under way, and for no other", async () => {
  const log: string[] = [];
  const begun = Promise.withResolvers<void>();
  async function* list(_prefix: string, signal: AbortSignal) {
    yield { name: "a", size: 1 };
    begun.resolve();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    // Lets go of what it holds, and ends as if that was all.
    await new Promise((resolve) => setTimeout(resolve));
    log.push("listing ended");
  }
  const store = guardStore(rawStore({ list }, log));
  const [resting, going] = [store.list(), store.list()].map((items) =>
    items[Symbol.asyncIterator]()
  );
  await resting!.next();
  await going!.next();
  const step = assert.rejects(going!.next(), { code: "Closed" });
  await begun.promise;
  await store[Symbol.asyncDispose]();
  assert.deepEqual(log, ["listing ended", "closed"]);
  await step;
});

Deno.test("an abort ends all that was begun with its signal, and nothing else", async () => {
  const log: string[] = [];
  const get = (name: string) => {
    const close = () => Promise.resolve(void log.push(`${name} closed`));
    return Promise.resolve({ size: 1, read: STALLED, close });
  };
  await using store = guardStore(rawStore({ get }, log));
  const abort = new AbortController(), other = new AbortController();
  const streams = [
    await store.get("a", { signal: abort.signal }),
    await store.get("b", { signal: abort.signal }),
    await store.get("c", { signal: other.signal }),
  ];
  const reads = streams.map((stream) => stream.getReader().read());
  abort.abort(new Error("enough"));
  await assert.rejects(reads[0]!, /enough/);
  await assert.rejects(reads[1]!, /enough/);
  assert.deepEqual(log, ["a closed", "b closed"]);
  await assert.rejects(store.get("a", { signal: abort.signal }), /enough/);
  await store[Symbol.asyncDispose]();
  await assert.rejects(reads[2]!, { code: "Closed" });
});

Deno.test("an abort that comes when the source is open already closes it", async () => {
  const log: string[] = [];
  const abort = new AbortController();
  const get = () => {
    abort.abort(new Error("enough"));
    const close = () => Promise.resolve(void log.push("source closed"));
    return Promise.resolve({ size: 1, read: STALLED, close });
  };
  await using store = guardStore(rawStore({ get }, log));
  await assert.rejects(store.get("a", { signal: abort.signal }), /enough/);
  assert.deepEqual(log, ["source closed"]);
});

Deno.test("an abort after the commit does not reject the put", async () => {
  const abort = new AbortController();
  const put = () => Promise.resolve(abort.abort(new Error("too late")));
  await using store = guardStore(rawStore({ put }));
  await store.put("a", ReadableStream.from([]), { signal: abort.signal });
});

Deno.test("a backend's errors arrive as StoreErrors that name the store and the name", async () => {
  await using store = guardStore(rawStore({}));
  await assert.rejects(store.get("a"), { message: 'cannot read "a" in raw:: Error: no get' });
  await assert.rejects(store.delete("b"), {
    message: 'cannot delete "b" in raw:: Error: no delete',
  });
});

Deno.test("a backend is handed no empty chunk", async () => {
  const log: string[] = [];
  await using store = guardStore(rawStore({}, log));
  const sizes = [0, 3, 0, 0, 1];
  await store.put("a", ReadableStream.from(sizes.map((size) => new Uint8Array(size))));
  assert.deepEqual(log, ["chunk of 3", "chunk of 1"]);
});
