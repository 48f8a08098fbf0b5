import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError, StoreError } from "../lib/model/errors.ts";
import type { SnapshotStore, StoreItem } from "../lib/model/store.ts";
import type { OpenStoreOptions } from "../lib/model/store_driver.ts";
import { makeDurableDirectory } from "./directories.ts";
import { guardStore } from "./guarded_store.ts";
import { osCode } from "./io_errors.ts";
import type { ByteSource, RawPutOptions, RawStore } from "./raw_store.ts";
import { rechunk } from "./rechunk.ts";
import { requireThere } from "./require_there.ts";
import { Bodies, type PartialBody, type VisibleBody } from "./sqlite/bodies.ts";
import { Database } from "./sqlite/database.ts";
import { sqliteError } from "./sqlite/sqlite_errors.ts";

/** Bytes in a row of the `chunk` table: what one read, or one commit, holds in memory. */
const CHUNK_BYTES = 1024 * 1024;

/** How a store in a SQLite file is opened. */
export interface SqliteOptions {
  /**
   * Milliseconds since 1970: tells a put under way from one whose writer was killed. Default:
   * `Date.now`.
   */
  readonly now?: () => number;
  /**
   * Milliseconds to wait for another process's transaction, which takes a few and never spans a
   * wait of its own. Default: 10,000.
   */
  readonly busyTimeout?: number;
}

/**
 * Open the store in the SQLite file that `sqlite:///absolute/path.db` names. The first put makes
 * the file; until then the store is empty. It must lie where file locks work: network file systems
 * often promise them and do not keep the promise. Reading needs permission to write, too: a reader
 * may have to roll back what a killed writer was about to commit.
 *
 * A put writes chunk rows that no reader sees, each in a transaction of its own, and makes them
 * visible in one short commit; a body of up to 1 MiB is one commit. What a killed writer leaves
 * behind is freed by the first put that comes a day later; what was replaced or deleted, by the next
 * put.
 *
 * @throws {InputError} when `url` names no file of this machine, or has a query
 */
export function openSqliteStore(url: string, options: SqliteOptions = {}): SnapshotStore {
  return guardStore(new SqliteStore(pathOf(url), url, options));
}

/**
 * As {@linkcode openSqliteStore}.
 *
 * @throws {StoreError} `NotFound` when the file is not there, and `create` is false
 */
export async function openSqlite(
  url: string,
  { create = true }: OpenStoreOptions,
): Promise<SnapshotStore> {
  if (!create) await requireThere(pathOf(url), url);
  return openSqliteStore(url);
}

function pathOf(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.search || parsed.hash) throw new Error("it takes no query and no fragment");
    if (parsed.protocol !== "sqlite:") throw new Error("it does not begin with sqlite:");
    if (parsed.pathname === "" || parsed.pathname.endsWith("/")) {
      throw new Error("it names no file");
    }
    return fileURLToPath(`file://${parsed.host}${parsed.pathname}`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new InputError(
      `${JSON.stringify(url)} names no SQLite file: ${reason}; write sqlite:///absolute/path.db`,
      { cause },
    );
  }
}

class SqliteStore implements RawStore {
  readonly url: string;
  readonly #path: string;
  readonly #now: () => number;
  readonly #busyTimeout: number;
  #database: Database | undefined;

  constructor(path: string, url: string, { now = Date.now, busyTimeout = 10_000 }: SqliteOptions) {
    this.#path = path;
    this.url = url;
    this.#now = now;
    this.#busyTimeout = busyTimeout;
  }

  async put(
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    { createOnly, signal }: RawPutOptions,
  ): Promise<void> {
    await makeDurableDirectory(dirname(this.#path));
    const bodies = await this.#open(true);
    if (createOnly && bodies.find(name)) throw this.#taken(name);
    await bodies.collect(signal);
    const pieces = rechunk(chunks, CHUNK_BYTES);
    try {
      if (!await putPieces(bodies, name, pieces, { createOnly, signal })) throw this.#taken(name);
    } finally {
      await pieces.return(undefined);
    }
  }

  #taken(name: string): StoreError {
    return new StoreError("AlreadyExists", `${JSON.stringify(name)} is already in ${this.url}`);
  }

  /** The system says better than SQLite why a file cannot be opened, so it is asked first. */
  async #open(create: boolean): Promise<Bodies> {
    if (!this.#database) {
      (await Deno.open(this.#path, { read: true, write: true, create })).close();
      this.#database ??= new Database(this.#path, this.url, this.#busyTimeout);
    }
    return new Bodies(this.#database, this.#now, this.url);
  }

  /** Reading does not make the file. */
  async #openExisting(): Promise<Bodies | undefined> {
    try {
      return await this.#open(false);
    } catch (error) {
      if (osCode(error) !== "ENOENT") throw error;
    }
  }

  async get(name: string): Promise<ByteSource> {
    const bodies = await this.#openExisting();
    const body = bodies?.find(name);
    const what = `${JSON.stringify(name)} in ${this.url}`;
    if (bodies && body) return new BodySource(bodies, body, what);
    throw new StoreError("NotFound", `there is no ${what}`);
  }

  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<StoreItem> {
    const bodies = await this.#openExisting();
    if (!bodies) return;
    let page = bodies.page(prefix, true);
    while (page.length > 0) {
      for (const item of page) {
        if (!item.name.startsWith(prefix)) return;
        yield item;
      }
      signal.throwIfAborted();
      page = bodies.page(page.at(-1)!.name, false);
    }
  }

  async delete(name: string): Promise<void> {
    (await this.#openExisting())?.remove(name);
  }

  toStoreError(error: unknown, what: string): StoreError {
    return sqliteError(error, what);
  }

  close(): Promise<void> {
    this.#database?.close();
    return Promise.resolve();
  }
}

/** False: the name is taken. */
async function putPieces(
  bodies: Bodies,
  name: string,
  pieces: AsyncIterator<Uint8Array>,
  { createOnly, signal }: RawPutOptions,
): Promise<boolean> {
  let piece = (await pieces.next()).value ?? new Uint8Array();
  let next = await pieces.next();
  signal.throwIfAborted();
  if (next.done) return bodies.putWhole(name, piece, createOnly);
  const body = bodies.begin(name);
  try {
    let number = 0;
    for (; !next.done; next = await pieces.next()) {
      bodies.append(body, number++, piece);
      piece = next.value;
    }
    signal.throwIfAborted();
    bodies.append(body, number, piece);
    return bodies.publish(body, createOnly);
  } finally {
    // Of a body that was published, nothing is partial any more.
    discardQuietly(bodies, body);
  }
}

function discardQuietly(bodies: Bodies, body: PartialBody): void {
  try {
    bodies.discard(body);
  } catch {
    // A full disk refuses this too. Nobody sees the body, and a later put frees it.
  }
}

/** A body's chunks, one query each, so that no read lock is held between two. */
class BodySource implements ByteSource {
  readonly size: number;
  readonly #bodies: Bodies;
  readonly #body: number;
  readonly #what: string;
  #number = 0;
  #left: number;

  constructor(bodies: Bodies, { id, size }: VisibleBody, what: string) {
    this.#bodies = bodies;
    this.#body = id;
    this.#what = what;
    this.size = size;
    this.#left = size;
  }

  read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return Promise.resolve().then(() => this.#read());
  }

  #read(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#left === 0) return;
    const chunk = this.#bodies.chunk(this.#body, this.#number++);
    if (!chunk) {
      throw new StoreError(
        "Unavailable",
        `${this.#what} was replaced or deleted while it was read; read it again`,
        { retryable: true },
      );
    }
    this.#left -= chunk.length;
    return chunk;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
