import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { prepareSchema } from "./schema.ts";

/** One connection, with the bodies and chunks of docs in `schema.ts`. All calls are synchronous. */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * Open or make the file. A rollback journal rather than a write-ahead log: on a full disk, a
   * transaction that fails gives its room back, and so the failed put can be undone; no files stay
   * beside this one; and no lock is held between two calls, so that readers do not stop writers.
   *
   * `busyTimeout`: milliseconds to wait for another process's transaction. `url`: for messages.
   */
  constructor(path: string, url: string, busyTimeout: number) {
    this.#db = new DatabaseSync(path);
    try {
      this.#db.prepare(`PRAGMA busy_timeout = ${busyTimeout}`).get();
      this.transaction(() => prepareSchema(this.#db, url));
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** Run a statement that changes rows; how many it changed. */
  change(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  /** Insert a row; its id. */
  insert(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  /** The first row, if there is one. */
  first(sql: string, ...values: SQLInputValue[]): Record<string, unknown> | undefined {
    return this.#statement(sql).get(...values);
  }

  /** Every row. */
  all(sql: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...values);
  }

  /** All of `work`, or nothing of it. It must not wait for anything. */
  transaction(work: () => void): void {
    this.change("BEGIN IMMEDIATE");
    try {
      work();
      this.change("COMMIT");
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  /**
   * A {@linkcode transaction} that not even a power cut right after it takes back: the journal's
   * removal, which is what commits, is on disk too when this returns.
   */
  durableTransaction(work: () => void): void {
    this.change("PRAGMA synchronous = EXTRA");
    try {
      this.transaction(work);
    } finally {
      this.change("PRAGMA synchronous = FULL");
    }
  }

  /** Let go of the file. */
  close(): void {
    this.#db.close();
  }

  /** Some errors, a full disk among them, have rolled back already. */
  #rollback(): void {
    if (this.#db.isTransaction) this.change("ROLLBACK");
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
