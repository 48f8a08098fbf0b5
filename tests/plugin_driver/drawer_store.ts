/**
 * An example of a store driver that lives outside backends/ and needs nothing but what testing.ts
 * exports: its stores are the drawers of one process. See docs/PLUGINS.md.
 */
import {
  assertStoreName,
  InputError,
  type OpenStoreOptions,
  type PutOptions,
  type SnapshotStore,
  StoreError,
  type StoreItem,
} from "../../testing.ts";

type Drawer = Map<string, Blob>;

const drawers = new Map<string, Drawer>();

/** Open `drawer:NAME`. */
export async function openStore(
  url: string,
  { signal, create = true }: OpenStoreOptions = {},
): Promise<SnapshotStore> {
  signal?.throwIfAborted();
  const name = /^drawer:([a-z0-9-]+)$/.exec(url)?.[1];
  if (name === undefined) {
    throw new InputError(`a drawer is "drawer:NAME": lower case letters, digits and "-"`);
  }
  if (!create && !drawers.has(name)) {
    throw new StoreError("NotFound", `there is no drawer ${url}: check its name`);
  }
  const drawer: Drawer = drawers.get(name) ?? new Map();
  drawers.set(name, drawer);
  return await Promise.resolve(new DrawerStore(url, drawer));
}

class DrawerStore implements SnapshotStore {
  readonly url: string;
  readonly #drawer: Drawer;
  readonly #closing = new AbortController();

  constructor(url: string, drawer: Drawer) {
    this.url = url;
    this.#drawer = drawer;
  }

  async put(
    name: string,
    body: ReadableStream<Uint8Array>,
    { createOnly = false, signal }: PutOptions = {},
  ): Promise<void> {
    try {
      assertStoreName(name);
      const both = this.#begin(signal);
      const blob = await readBlob(body, both);
      if (createOnly && this.#drawer.has(name)) throw this.#error("AlreadyExists", name);
      this.#drawer.set(name, blob);
    } catch (error) {
      // A body that failed, or was cancelled already, has nothing left to cancel.
      if (!body.locked) await body.cancel(error).catch(() => {});
      throw error;
    }
  }

  async get(
    name: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<ReadableStream<Uint8Array>> {
    assertStoreName(name);
    const both = this.#begin(signal);
    const blob = this.#drawer.get(name);
    if (!blob) throw this.#error("NotFound", name);
    return await Promise.resolve(
      blob.stream().pipeThrough(new TransformStream(), { signal: both }),
    );
  }

  async *list(
    { prefix = "", signal }: { readonly prefix?: string; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<StoreItem> {
    const both = this.#begin(signal);
    for (const name of await Promise.resolve([...this.#drawer.keys()].sort())) {
      both.throwIfAborted();
      const blob = this.#drawer.get(name);
      if (blob && name.startsWith(prefix)) yield { name, size: blob.size };
    }
  }

  async delete(
    name: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    assertStoreName(name);
    this.#begin(signal);
    await Promise.resolve(this.#drawer.delete(name));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new StoreError("Closed", `${this.url} was closed`));
    return Promise.resolve();
  }

  #begin(signal: AbortSignal | undefined): AbortSignal {
    this.#closing.signal.throwIfAborted();
    signal?.throwIfAborted();
    return signal ? AbortSignal.any([this.#closing.signal, signal]) : this.#closing.signal;
  }

  #error(code: "AlreadyExists" | "NotFound", name: string): StoreError {
    const is = code === "NotFound" ? "is not" : "is already";
    return new StoreError(code, `${JSON.stringify(name)} ${is} in ${this.url}`);
  }
}

/** All of a body. An abort cancels it and rejects with the reason. */
async function readBlob(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<Blob> {
  const chunks: BlobPart[] = [];
  await body.pipeTo(
    new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk.slice()) }),
    { signal },
  );
  return new Blob(chunks);
}
