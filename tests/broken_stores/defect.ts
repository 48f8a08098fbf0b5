import { type SnapshotStore, StoreError, type StoreItem } from "../../testing.ts";

/** One thing that a store does wrong; all else it does right. */
export interface Defect {
  /** Reads on from "a store that". */
  readonly what: string;
  /** The check that must fail because of it. */
  readonly caughtBy: string;
  /** Whether the store claims createOnly. Default: true. */
  readonly createOnly?: boolean;
  /** Break a store that is right. */
  spoil(store: SnapshotStore): SnapshotStore;
}

/** `store`, but for some members. */
export function override(store: SnapshotStore, members: Partial<SnapshotStore>): SnapshotStore {
  return {
    url: store.url,
    put: (name, body, options) => store.put(name, body, options),
    get: (name, options) => store.get(name, options),
    list: (options) => store.list(options),
    delete: (name, options) => store.delete(name, options),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    ...members,
  };
}

/** All that a body holds; rejects when it fails. */
export async function drain(body: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  return await new Response(body).bytes();
}

/** All that a body holds until it ends or fails. */
export async function drainWhatComes(
  body: ReadableStream<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: BlobPart[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk.slice());
  } catch {
    // That is the defect.
  }
  return await new Blob(chunks).bytes();
}

/** A body of `bytes`. */
export function bodyOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  return new Blob([bytes]).stream();
}

/** Whether `name` is in `store`. */
export async function has(store: SnapshotStore, name: string): Promise<boolean> {
  return (await items(store)).some((item) => item.name === name);
}

/** All that `store` lists. */
export async function items(store: SnapshotStore, prefix = ""): Promise<StoreItem[]> {
  return await Array.fromAsync(store.list({ prefix }));
}

/** An iterable over what a promise holds. */
export async function* listing(found: Promise<readonly StoreItem[]>): AsyncGenerator<StoreItem> {
  yield* await found;
}

/** The refusal of a createOnly put. */
export function taken(name: string): StoreError {
  return new StoreError("AlreadyExists", `${name} is already there`);
}
