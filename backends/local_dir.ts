import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError, StoreError } from "../lib/model/errors.ts";
import type { SnapshotStore, StoreItem } from "../lib/model/store.ts";
import type { OpenStoreOptions } from "../lib/model/store_driver.ts";
import { guardStore } from "./guarded_store.ts";
import { ioError, osCode } from "./io_errors.ts";
import { makeDirectory, makeDurableDirectory, pruneUpTo, syncUpTo } from "./directories.ts";
import { openFile } from "./local_dir/file_source.ts";
import { PartialFile, sweepPartialFiles } from "./local_dir/partial_file.ts";
import { enterParent, findFile } from "./local_dir/resolve.ts";
import { walk } from "./local_dir/walk.ts";
import type { ByteSource, RawPutOptions, RawStore } from "./raw_store.ts";
import { requireThere } from "./require_there.ts";

/** How a store in a directory is opened. */
export interface LocalDirOptions {
  /** Names for files that are still being written. Default: random UUIDs. */
  readonly uniqueName?: () => string;
}

/**
 * Open the store in the directory that a `file:` URL names. The directory is made by the first
 * put; until then the store is empty. The name `a/b.json` is the file `a/b.json` in it.
 *
 * A put writes to a locked file in `.partial/`, syncs it, links (createOnly) or renames it to its
 * place and syncs the directories: killed at any moment, it leaves at most a file in `.partial/`,
 * which no listing shows and the next process's first put removes. Names reach only what lies in
 * the directory itself: a symbolic link below it is no part of the store.
 *
 * The file system must have file locks, and hard links for createOnly.
 *
 * @throws {InputError} when `url` is no `file:` URL of this machine, or has a query
 */
export function openLocalDirStore(url: string, options: LocalDirOptions = {}): SnapshotStore {
  return guardStore(new LocalDirStore(directoryOf(url), url, options));
}

/**
 * As {@linkcode openLocalDirStore}.
 *
 * @throws {StoreError} `NotFound` when the directory is not there, and `create` is false
 */
export async function openLocalDir(
  url: string,
  { create = true }: OpenStoreOptions,
): Promise<SnapshotStore> {
  if (!create) await requireThere(directoryOf(url), url);
  return openLocalDirStore(url);
}

function directoryOf(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.search || parsed.hash) throw new Error("it takes no query and no fragment");
    const path = fileURLToPath(parsed);
    return path === "/" ? path : path.replace(/\/+$/, "");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new InputError(
      `${JSON.stringify(url)} names no local directory: ${reason}; write file:///absolute/path`,
      { cause },
    );
  }
}

/** How often a put makes its directory again when deletions keep pruning it. */
const MAX_ATTEMPTS = 100;

class LocalDirStore implements RawStore {
  readonly url: string;
  readonly #root: string;
  readonly #uniqueName: () => string;
  #prepared: Promise<void> | undefined;

  constructor(
    root: string,
    url: string,
    { uniqueName = () => crypto.randomUUID() }: LocalDirOptions,
  ) {
    this.#root = root;
    this.url = url;
    this.#uniqueName = uniqueName;
  }

  async put(
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    { createOnly, signal }: RawPutOptions,
  ): Promise<void> {
    if (createOnly && await findFile(this.#root, name)) throw this.#taken(name);
    await this.#prepare();
    await using partial = await PartialFile.create(this.#partials, this.#uniqueName);
    for await (const chunk of chunks) await partial.write(chunk);
    await partial.sync();
    signal.throwIfAborted();
    await this.#publish(partial.path, name, createOnly);
  }

  async #publish(from: string, name: string, createOnly: boolean): Promise<void> {
    const path = `${this.#root}/${name}`;
    for (let attempt = 1;; attempt++) {
      await enterParent(this.#root, name);
      try {
        await (createOnly ? this.#link(from, name) : this.#rename(from, name));
        break;
      } catch (error) {
        // A deletion may have pruned the directory that we just made.
        if (osCode(error) !== "ENOENT" || attempt === MAX_ATTEMPTS) throw error;
      }
    }
    await syncUpTo(this.#root, dirname(path));
  }

  async #link(from: string, name: string): Promise<void> {
    try {
      await Deno.link(from, `${this.#root}/${name}`);
    } catch (error) {
      const code = osCode(error);
      if (code === "EEXIST") {
        throw await findFile(this.#root, name) ? this.#taken(name) : this.#occupied(name, error);
      }
      if (code === "EPERM" || code === "ENOTSUP" || code === "EOPNOTSUPP") {
        throw new StoreError(
          "Unsupported",
          `cannot create ${JSON.stringify(name)} in ${this.url}: its file system has no hard ` +
            `links, without which two writers could not be told apart; use a local disk`,
          { cause: error },
        );
      }
      throw error;
    }
  }

  async #rename(from: string, name: string): Promise<void> {
    try {
      await Deno.rename(from, `${this.#root}/${name}`);
    } catch (error) {
      throw osCode(error) === "EISDIR" ? this.#occupied(name, error) : error;
    }
  }

  #taken(name: string): StoreError {
    return new StoreError("AlreadyExists", `${JSON.stringify(name)} is already in ${this.url}`);
  }

  #occupied(name: string, cause: unknown): StoreError {
    return new StoreError(
      "Unsupported",
      `cannot write ${JSON.stringify(name)} in ${this.url}: there is something else by that name ` +
        `(a directory, say), and a directory holds one thing by one name`,
      { cause },
    );
  }

  get #partials(): string {
    return `${this.#root}/.partial`;
  }

  /** Once before the first put: a store that is only read needs no permission to write. */
  #prepare(): Promise<void> {
    this.#prepared ??= (async () => {
      await makeDurableDirectory(this.#root);
      await makeDirectory(this.#partials);
      await sweepPartialFiles(this.#partials);
    })().catch((error) => {
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  async get(name: string): Promise<ByteSource> {
    try {
      const found = await findFile(this.#root, name);
      if (found) return await openFile(`${this.#root}/${name}`, found.size);
    } catch (error) {
      // Deleted since we looked.
      if (osCode(error) !== "ENOENT") throw error;
    }
    throw new StoreError("NotFound", `there is no ${JSON.stringify(name)} in ${this.url}`);
  }

  list(prefix: string): AsyncIterable<StoreItem> {
    return walk(this.#root, prefix);
  }

  async delete(name: string): Promise<void> {
    if (!await findFile(this.#root, name)) return;
    const path = `${this.#root}/${name}`;
    try {
      await Deno.remove(path);
    } catch (error) {
      if (osCode(error) !== "ENOENT") throw error;
    }
    await pruneUpTo(this.#root, dirname(path));
    await syncUpTo(this.#root, dirname(path));
  }

  toStoreError(error: unknown, what: string): StoreError {
    return ioError(error, what);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
