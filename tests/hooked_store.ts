import type { PutOptions, SnapshotStore, StoreItem } from "../lib/model/store.ts";

/** One call of a store, as a hook sees it. */
export interface StoreCall {
  readonly operation: "put" | "get" | "list" | "delete";
  /** The name, or the prefix of a list. */
  readonly name: string;
}

/** What a test does around each call: wait, throw, count. */
export interface StoreHooks {
  /** Before anything happens. What it throws, the call throws, and nothing happened. */
  readonly before?: (call: StoreCall) => Promise<void> | void;
  /** After it happened. What it throws, the call throws, though it happened. */
  readonly after?: (call: StoreCall) => Promise<void> | void;
}

/** One party's view of a store that several share; disposing of it leaves the store open. */
export function hookStore(store: SnapshotStore, { before, after }: StoreHooks): SnapshotStore {
  async function around<T>(call: StoreCall, work: () => Promise<T>): Promise<T> {
    await before?.(call);
    const result = await work();
    await after?.(call);
    return result;
  }
  return {
    url: store.url,
    put: (name: string, body: ReadableStream<Uint8Array>, options?: PutOptions) =>
      around({ operation: "put", name }, () => store.put(name, body, options)),
    get: (name, options) => around({ operation: "get", name }, () => store.get(name, options)),
    delete: (name, options) =>
      around({ operation: "delete", name }, () => store.delete(name, options)),
    async *list(options = {}): AsyncGenerator<StoreItem> {
      const call = { operation: "list", name: options.prefix ?? "" } as const;
      const items = await around(call, () => Array.fromAsync(store.list(options)));
      yield* items;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
