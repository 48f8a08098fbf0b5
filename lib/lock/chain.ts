/**
 * The files behind a store's lock: `lock/<number>.json`, each written once and never changed. The
 * highest number tells who holds the lock; lower ones are history, and may be gone.
 *
 * Two rules make the chain a register on which every party agrees, with nothing but `list`,
 * createOnly `put` and `delete`:
 *
 * 1. A record is only ever added at (highest number seen) + 1, createOnly, so of several parties
 *    that saw the same state one wins.
 * 2. The highest record is never deleted; releasing the lock adds one. So numbers never start
 *    again, and somebody who slept since it listed and now writes a number that was long used and
 *    cleaned up sees, when it lists again afterwards, a higher one: its record counts for nothing.
 */
import { LockError, StoreError } from "../model/errors.ts";
import { getListed } from "../model/get_listed.ts";
import type { SnapshotStore } from "../model/store.ts";

/** One step in the lock's history. Times are ISO 8601, UTC, by the bucket server's clock. */
export interface LockRecord {
  /** Tells one acquisition from every other. */
  readonly holder: string;
  /** For humans: who that is. */
  readonly owner: string;
  /** For humans: what it is doing. */
  readonly purpose: string;
  /** When it was taken. */
  readonly since: string;
  /** From then on somebody else may take over, unless a later record says otherwise. */
  readonly expiresAt: string;
  /** Whether this record gives the lock back. */
  readonly released: boolean;
}

/** A record and its place in the chain. */
export interface LockHead {
  readonly number: number;
  readonly record: LockRecord;
}

interface ChainOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The highest record, or undefined when the store never had one.
 *
 * @throws {StoreError} `Corrupt` when the record cannot be understood
 */
export async function readHead(
  store: SnapshotStore,
  options: ChainOptions = {},
): Promise<LockHead | undefined> {
  while (true) {
    const number = (await listNumbers(store, options)).at(-1);
    if (number === undefined) return undefined;
    const text = await readText(store, number, options);
    if (text !== undefined) return { number, record: parseRecord(store, number, text) };
  }
}

/**
 * Add a record. Resolves to whether it is the head of the chain afterwards; if not, somebody else
 * was faster and nothing changed.
 *
 * @throws {StoreError} `Unsupported` when the store has no createOnly; any other when it is not
 * known whether the record was added
 */
export async function appendRecord(
  store: SnapshotStore,
  { number, record }: LockHead,
  options: ChainOptions = {},
): Promise<boolean> {
  if (!await createRecord(store, number, record, options)) return false;
  const numbers = await listNumbers(store, options);
  const isHead = numbers.at(-1) === number;
  const superseded = isHead ? numbers.slice(0, -1) : [number];
  for (const old of superseded) {
    // Clutter at worst, and the next writer tries again: no reason to give up the lock.
    await store.delete(recordName(old), given(options)).catch(() => undefined);
  }
  return isHead;
}

/**
 * Give the lock back in its holder's place, even when its record cannot be read. The holder
 * notices the next time it looks.
 *
 * @param now Milliseconds since 1970, by the bucket server's clock.
 */
export async function breakLock(
  store: SnapshotStore,
  now: number,
  options: ChainOptions = {},
): Promise<void> {
  const time = new Date(now).toISOString();
  const record = {
    holder: crypto.randomUUID(),
    owner: "unlock",
    purpose: "removing a stale lock",
    since: time,
    expiresAt: time,
    released: true,
  };
  const number = (await listNumbers(store, options)).at(-1);
  if (number === undefined) return;
  if (!await appendRecord(store, { number: number + 1, record }, options)) {
    throw new LockError(
      "LockHeld",
      `Did not unlock ${store.url}: its holder is alive and renewed the lock just now. Stop it, ` +
        `or wait until it is done`,
    );
  }
}

/** Whether exactly this record is there afterwards. */
async function createRecord(
  store: SnapshotStore,
  number: number,
  record: LockRecord,
  options: ChainOptions,
): Promise<boolean> {
  const text = JSON.stringify(record, null, 2) + "\n";
  try {
    const body = new Blob([text]).stream();
    await store.put(recordName(number), body, { createOnly: true, ...given(options) });
    return true;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.code === "Unsupported") throw withoutCreateOnly(store, error);
    if (error.code !== "AlreadyExists") throw error;
  }
  // A put whose answer got lost, so that it was sent again, meets itself.
  return await readText(store, number, options) === text;
}

function withoutCreateOnly(store: SnapshotStore, cause: StoreError): StoreError {
  if (cause.misplaced) {
    const message = `Cannot lock ${store.url}: ${cause.message}`;
    return new StoreError("Unsupported", message, { cause, misplaced: true });
  }
  return new StoreError(
    "Unsupported",
    `Cannot lock ${store.url}: this store cannot create a file only where there is none ` +
      `(${cause.message}). Make sure that no snapshot, sync, gc or delete runs on it at the ` +
      `same time, and give --no-lock`,
    { cause },
  );
}

const PREFIX = "lock/";
const NAME = /^lock\/(\d{8,15})\.json$/;
/** So that a listing shows them in order up to a hundred million. */
const DIGITS = 8;

function recordName(number: number): string {
  return `${PREFIX}${String(number).padStart(DIGITS, "0")}.json`;
}

/** Ascending. */
async function listNumbers(store: SnapshotStore, options: ChainOptions): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { name } of store.list({ prefix: PREFIX, ...given(options) })) {
    const match = NAME.exec(name);
    if (match) numbers.push(Number(match[1]));
  }
  return numbers.sort((a, b) => a - b);
}

/**
 * Undefined when it was cleaned up, so that there must be a higher one. One that is listed and lost
 * is the highest for good.
 */
async function readText(
  store: SnapshotStore,
  number: number,
  options: ChainOptions,
): Promise<string | undefined> {
  try {
    return await new Response(await getListed(store, recordName(number), given(options))).text();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.code === "NotFound") return undefined;
    throw error.code === "Corrupt" ? damaged(store, number, error) : error;
  }
}

const TEXT_FIELDS = ["holder", "owner", "purpose", "since", "expiresAt"] as const;

function parseRecord(store: SnapshotStore, number: number, text: string): LockRecord {
  try {
    const record = JSON.parse(text);
    for (const field of TEXT_FIELDS) {
      if (typeof record?.[field] !== "string") throw new TypeError(`${field} is no text`);
    }
    if (Number.isNaN(Date.parse(record.expiresAt))) throw new TypeError("expiresAt is no time");
    if (typeof record.released !== "boolean") throw new TypeError("released is no true or false");
    return record;
  } catch (cause) {
    throw damaged(store, number, cause as Error);
  }
}

function damaged(store: SnapshotStore, number: number, cause: Error): StoreError {
  return new StoreError(
    "Corrupt",
    `Cannot tell who holds the lock of ${store.url}: its file ${recordName(number)} is no ` +
      `lock record (${cause.message}). When nothing else runs on this store, ` +
      `remove the lock with unlock`,
    { cause },
  );
}

/** Options without the keys that were not given, as exactOptionalPropertyTypes wants it. */
function given({ signal }: ChainOptions): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}
