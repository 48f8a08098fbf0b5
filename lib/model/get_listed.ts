import { StoreError } from "./errors.ts";
import type { SnapshotStore } from "./store.ts";

interface Options {
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal;
}

/** Whether the store lists this very name. @throws {StoreError} when it does not answer */
export async function isListed(
  store: SnapshotStore,
  name: string,
  options: Options = {},
): Promise<boolean> {
  for await (const item of store.list({ ...options, prefix: name })) {
    if (item.name === name) return true;
  }
  return false;
}

/**
 * The bytes under a name, as the store's `get` has them; but a name that is listed and not there has
 * lost its bytes, and is not taken for one that somebody removed. A server can lose what an index
 * names, and a listing that lags behind looks alike: so what exists by its name alone counts as
 * there, and protects.
 *
 * @throws {StoreError} `NotFound` only where the name is not listed either; `Corrupt` where it is
 */
export async function getListed(
  store: SnapshotStore,
  name: string,
  options: Options = {},
): Promise<ReadableStream<Uint8Array>> {
  try {
    return await store.get(name, options);
  } catch (error) {
    if (!isNotFound(error) || !await isListed(store, name, options)) throw error;
  }
  try {
    // It may have come between the two.
    return await store.get(name, options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new StoreError(
      "Corrupt",
      `${store.url} lists ${name}, and when asked for it says that it is not there`,
      { cause: error },
    );
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof StoreError && error.code === "NotFound";
}
