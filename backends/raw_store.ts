import type { StoreError } from "../lib/model/errors.ts";
import type { StoreItem } from "../lib/model/store.ts";

/**
 * What one backend has to do itself. `guardStore` makes a whole {@linkcode SnapshotStore} of it:
 * names, aborts, disposal, the body's cancellation and the kind of error are settled there, once.
 *
 * Names are valid, and signals not yet aborted, when a call comes in. Any error may be thrown:
 * `toStoreError` translates those that are no StoreError.
 */
export interface RawStore {
  /** For messages. Never holds credentials. */
  readonly url: string;
  /**
   * Store all `chunks` (none is empty; each may be reused by its owner once the next is asked for).
   * Look at `signal` a last time right before the step that makes the bytes visible, and not
   * after it: an abort that comes later must not reject a put that took place.
   */
  put(name: string, chunks: AsyncIterable<Uint8Array>, options: RawPutOptions): Promise<void>;
  /** Open `name`, or throw NotFound. */
  get(name: string, signal: AbortSignal): Promise<ByteSource>;
  /**
   * Names that begin with `prefix` (of characters that names have), ascending; holds nothing open
   * between two items.
   */
  list(prefix: string, signal: AbortSignal): AsyncIterable<StoreItem>;
  /** Remove `name` if it is there. */
  delete(name: string, signal: AbortSignal): Promise<void>;
  /** What an error of the layer below means. `what` reads like `cannot read "a" in file:///b`. */
  toStoreError(error: unknown, what: string): StoreError;
  /** Let go of everything. No call is under way, and none will follow. */
  close(): Promise<void>;
}

/** What {@linkcode RawStore.put} is told. */
export interface RawPutOptions {
  /** Throw `AlreadyExists`, and change nothing, when the name is taken: one of all that race wins. */
  readonly createOnly: boolean;
  /** Abort: nothing becomes visible. */
  readonly signal: AbortSignal;
}

/** Bytes that can be read once, from first to last. */
export interface ByteSource {
  /** Bytes that `read` delivers altogether. */
  readonly size: number;
  /** The next bytes, or undefined at the end. Never called while a read is under way. */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Let go. Called once, maybe while a read is under way, whose outcome then does not matter. */
  close(): Promise<void>;
}
