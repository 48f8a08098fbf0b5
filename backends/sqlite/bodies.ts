import { setImmediate } from "node:timers/promises";
import { StoreError } from "../../lib/model/errors.ts";
import type { StoreItem } from "../../lib/model/store.ts";
import type { Database } from "./database.ts";
import { isConstraintError } from "./sqlite_errors.ts";

/** Milliseconds after which a body that got no chunk belongs to a writer that was killed. */
export const ABANDONED_AFTER = 24 * 60 * 60 * 1000;
/** Chunks removed in one go: bounds how long others wait for the lock. */
const REMOVED_AT_ONCE = 16;
/** Rows that a listing reads at a time. */
const LIST_PAGE = 500;

/** A name that readers see. */
export interface VisibleBody {
  readonly id: number;
  readonly size: number;
}

/** A body that is being written. */
export interface PartialBody {
  readonly id: number;
  readonly name: string;
}

/** What the store does with its tables: each method is one short transaction. */
export class Bodies {
  readonly #db: Database;
  readonly #now: () => number;
  readonly #url: string;

  /** `now`: milliseconds since 1970. `url`: for messages. */
  constructor(db: Database, now: () => number, url: string) {
    this.#db = db;
    this.#now = now;
    this.#url = url;
  }

  /** What readers see under `name`. */
  find(name: string): VisibleBody | undefined {
    const row = this.#db.first(
      "SELECT id, size FROM body WHERE name = ? AND state = 'visible'",
      name,
    );
    return row && { id: Number(row.id), size: Number(row.size) };
  }

  /** Names from `from` on (or after it), in order. */
  page(from: string, inclusive: boolean): StoreItem[] {
    const rows = this.#db.all(
      `SELECT name, size FROM body WHERE state = 'visible' AND name ${inclusive ? ">=" : ">"} ?
       ORDER BY name LIMIT ${LIST_PAGE}`,
      from,
    );
    return rows.map((row) => ({ name: String(row.name), size: Number(row.size) }));
  }

  /** Chunk `number` of a body, unless it is past the end or the body is gone. */
  chunk(body: number, number: number): Uint8Array<ArrayBuffer> | undefined {
    const row = this.#db.first(
      "SELECT bytes FROM chunk WHERE body = ? AND number = ?",
      body,
      number,
    );
    return row?.bytes as Uint8Array<ArrayBuffer> | undefined;
  }

  /** Begin a body that nobody sees. */
  begin(name: string): PartialBody {
    const id = this.#db.insert(
      "INSERT INTO body (name, state, size, touched) VALUES (?, 'partial', 0, ?)",
      name,
      this.#now(),
    );
    return { id, name };
  }

  /** Add a chunk to a partial body. */
  append(body: PartialBody, number: number, bytes: Uint8Array): void {
    this.#db.transaction(() => this.#append(body, number, bytes));
  }

  /** Show a whole body under its name, in place of what was there. False: the name is taken. */
  publish(body: PartialBody, createOnly: boolean): boolean {
    return this.#publishing(createOnly, () => this.#show(body, createOnly));
  }

  /** All of a put in one commit, for a body that fits in a chunk. False: the name is taken. */
  putWhole(name: string, bytes: Uint8Array, createOnly: boolean): boolean {
    return this.#publishing(createOnly, () => {
      const body = this.begin(name);
      if (bytes.length > 0) this.#append(body, 0, bytes);
      this.#show(body, createOnly);
    });
  }

  #append(body: PartialBody, number: number, bytes: Uint8Array): void {
    this.#expectPartial(
      body,
      this.#db.change(
        "UPDATE body SET size = size + ?, touched = ? WHERE id = ? AND state = 'partial'",
        bytes.length,
        this.#now(),
        body.id,
      ),
    );
    this.#db.insert(
      "INSERT INTO chunk (body, number, bytes) VALUES (?, ?, ?)",
      body.id,
      number,
      bytes,
    );
  }

  /** The index of visible names refuses a second body. */
  #show(body: PartialBody, createOnly: boolean): void {
    if (!createOnly) this.#bury(body.name);
    this.#expectPartial(
      body,
      this.#db.change(
        "UPDATE body SET state = 'visible' WHERE id = ? AND state = 'partial'",
        body.id,
      ),
    );
  }

  #publishing(createOnly: boolean, work: () => void): boolean {
    try {
      this.#db.durableTransaction(work);
      return true;
    } catch (error) {
      if (createOnly && isConstraintError(error)) return false;
      throw error;
    }
  }

  /** Remove a name. */
  remove(name: string): void {
    this.#db.durableTransaction(() => this.#bury(name));
  }

  /** Give a partial body up. */
  discard({ id }: PartialBody): void {
    this.#db.change("UPDATE body SET state = 'dead' WHERE id = ? AND state = 'partial'", id);
  }

  /** Free what dead bodies occupy, and the bodies of writers that were killed. */
  async collect(signal: AbortSignal): Promise<void> {
    this.#db.change(
      "UPDATE body SET state = 'dead' WHERE state = 'partial' AND touched < ?",
      this.#now() - ABANDONED_AFTER,
    );
    while (this.#collectSome()) {
      await setImmediate();
      signal.throwIfAborted();
    }
  }

  /** False: nothing was left to do. */
  #collectSome(): boolean {
    const dead = this.#db.first("SELECT id FROM body WHERE state = 'dead' LIMIT 1");
    if (!dead) return false;
    const id = Number(dead.id);
    const removed = this.#db.change(
      `DELETE FROM chunk WHERE rowid IN
         (SELECT rowid FROM chunk WHERE body = ? LIMIT ${REMOVED_AT_ONCE})`,
      id,
    );
    if (removed < REMOVED_AT_ONCE) this.#db.change("DELETE FROM body WHERE id = ?", id);
    return true;
  }

  #bury(name: string): void {
    this.#db.change("UPDATE body SET state = 'dead' WHERE name = ? AND state = 'visible'", name);
  }

  #expectPartial({ name }: PartialBody, changed: number): void {
    if (changed === 1) return;
    throw new StoreError(
      "Unavailable",
      `cannot write ${
        JSON.stringify(name)
      } in ${this.#url}: nothing came for so long that another ` +
        `process took the put for abandoned; try again`,
      { retryable: true },
    );
  }
}
