import { InputError, StoreError } from "../lib/model/errors.ts";
import { joinBytes } from "../lib/model/join_bytes.ts";
import type { SnapshotStore, StoreItem } from "../lib/model/store.ts";
import { guardStore } from "./guarded_store.ts";
import type { ByteSource, RawPutOptions, RawStore } from "./raw_store.ts";

type Files = Map<string, Uint8Array<ArrayBuffer>>;

/** What `memory:NAME` names, for as long as the process lives. */
const shared = new Map<string, Files>();

/**
 * Open a store in memory, for tests and demonstrations: `memory:` is new and private, every
 * `memory:NAME` of one process is the same store.
 *
 * @throws {InputError} when `url` is neither
 */
export function openMemoryStore(url = "memory:"): SnapshotStore {
  const name = /^memory:([0-9A-Za-z._-]*)$/i.exec(url)?.[1];
  if (name === undefined) {
    throw new InputError(
      `a store in memory is "memory:", or "memory:NAME" where NAME is letters, digits, ".", "_" ` +
        `and "-"`,
    );
  }
  if (name === "") return guardStore(new MemoryStore(url, new Map()));
  const files: Files = shared.get(name) ?? new Map();
  shared.set(name, files);
  return guardStore(new MemoryStore(url, files));
}

class MemoryStore implements RawStore {
  readonly url: string;
  readonly #files: Files;

  constructor(url: string, files: Files) {
    this.url = url;
    this.#files = files;
  }

  async put(
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    { createOnly, signal }: RawPutOptions,
  ): Promise<void> {
    if (createOnly) this.#refuseTaken(name);
    const blob: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of chunks) blob.push(chunk.slice());
    const bytes = joinBytes(blob);
    signal.throwIfAborted();
    if (createOnly) this.#refuseTaken(name);
    this.#files.set(name, bytes);
  }

  #refuseTaken(name: string): void {
    if (!this.#files.has(name)) return;
    throw new StoreError("AlreadyExists", `${JSON.stringify(name)} is already in ${this.url}`);
  }

  get(name: string): Promise<ByteSource> {
    const bytes = this.#files.get(name);
    if (!bytes) {
      const message = `there is no ${JSON.stringify(name)} in ${this.url}`;
      return Promise.reject(new StoreError("NotFound", message));
    }
    return Promise.resolve(new MemorySource(bytes));
  }

  async *list(prefix: string): AsyncGenerator<StoreItem> {
    yield* this.#items(prefix);
  }

  *#items(prefix: string): Generator<StoreItem> {
    // Names are ASCII, so that this is the order of their bytes.
    for (const name of [...this.#files.keys()].sort()) {
      const bytes = this.#files.get(name);
      if (bytes && name.startsWith(prefix)) yield { name, size: bytes.length };
    }
  }

  delete(name: string): Promise<void> {
    this.#files.delete(name);
    return Promise.resolve();
  }

  toStoreError(cause: unknown, what: string): StoreError {
    return new StoreError("Unavailable", `${what}: ${cause}`, { cause });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Hands out copies, so that a reader that changes what it got changes nothing in the store. */
class MemorySource implements ByteSource {
  static readonly #CHUNK_BYTES = 64 * 1024;
  readonly size: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #offset = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.size = bytes.length;
    this.#bytes = bytes;
  }

  read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const chunk = this.#bytes.slice(this.#offset, this.#offset + MemorySource.#CHUNK_BYTES);
    this.#offset += chunk.length;
    return Promise.resolve(chunk.length > 0 ? chunk : undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
