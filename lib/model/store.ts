import { StoreError } from "./errors.ts";

/** How a {@linkcode SnapshotStore.put} is done. */
export interface PutOptions {
  /** Reject with `AlreadyExists`, and change nothing, when the name is taken. Default: false. */
  readonly createOnly?: boolean;
  /** Abort: nothing becomes visible, the body is cancelled, and the reason is thrown. */
  readonly signal?: AbortSignal;
}

/** What {@linkcode SnapshotStore.list} yields. */
export interface StoreItem {
  /** The name that `get` and `delete` take. */
  readonly name: string;
  /** Bytes that `get` will deliver. */
  readonly size: number;
}

/**
 * Where snapshots live: named byte streams, and nothing known about what they mean.
 *
 * What a caller may rely on, and what the conformance suite checks:
 *
 * - A name is segments of `[0-9A-Za-z][0-9A-Za-z._+-]*` joined by `/`. Any other is refused with
 *   `InvalidName` before any I/O. Where one name is also the folder of another (`a` and `a/b`), the
 *   later put may be refused with `Unsupported`.
 * - `put` is all or nothing. Once resolved, the bytes are durable and visible; rejected, aborted
 *   or killed, nothing is visible and what was there before still is. The body is then cancelled.
 * - `put` with `createOnly` on a name that exists rejects with `AlreadyExists` and changes
 *   nothing, however many callers race: one wins. A store that cannot promise it rejects with
 *   `Unsupported`; it never overwrites quietly.
 * - `get` of a missing name rejects with `NotFound` before a stream is handed out. A stream that
 *   cannot deliver every byte errors; it never closes short.
 * - `list` is ascending by name (as bytes), without duplicates, and never shows a partial put.
 *   Leaving the loop releases what it holds.
 * - `delete` of a missing name succeeds.
 * - Everything that fails rejects with a {@linkcode StoreError}; an abort rejects with the
 *   signal's reason, and a body that errors with the body's own error. After disposal every call
 *   rejects with `Closed`.
 */
export interface SnapshotStore extends AsyncDisposable {
  /** For messages. Never holds credentials. */
  readonly url: string;
  /** Store `body` under `name`. */
  put(name: string, body: ReadableStream<Uint8Array>, options?: PutOptions): Promise<void>;
  /** The bytes stored under `name`. Cancel the stream when it is not read to its end. */
  get(
    name: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<ReadableStream<Uint8Array>>;
  /** What is stored under names that begin with `prefix` (any string; default: all). */
  list(
    options?: { readonly prefix?: string; readonly signal?: AbortSignal },
  ): AsyncIterable<StoreItem>;
  /** Remove `name`. */
  delete(name: string, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** Longest store name, in characters: leaves room for a prefix below S3's 1,024 bytes. */
export const MAX_STORE_NAME_LENGTH = 512;

/** Longest segment of one, in characters: what file systems accept. */
export const MAX_STORE_SEGMENT_LENGTH = 255;

const STORE_NAME = /^[0-9A-Za-z][0-9A-Za-z._+-]{0,254}(?:\/[0-9A-Za-z][0-9A-Za-z._+-]{0,254})*$/;

/** Whether `name` is one that {@linkcode assertStoreName} accepts. */
export function isStoreName(name: string): boolean {
  return name.length <= MAX_STORE_NAME_LENGTH && STORE_NAME.test(name);
}

/**
 * Refuse a name that some store could not keep, before any I/O.
 *
 * @throws {StoreError} `InvalidName`
 */
export function assertStoreName(name: string): void {
  if (isStoreName(name)) return;
  throw new StoreError(
    "InvalidName",
    `${JSON.stringify(name)} is no name for a store: use at most ${MAX_STORE_NAME_LENGTH} ` +
      `characters, segments (of at most ${MAX_STORE_SEGMENT_LENGTH}) of letters, digits, ".", "_", ` +
      `"+" and "-" that begin with a letter or digit, joined by "/"`,
  );
}
