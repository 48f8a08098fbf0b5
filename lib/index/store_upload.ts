import { createHash } from "node:crypto";
import type { SnapshotStore } from "../model/store.ts";

/** What was stored. */
export interface Uploaded {
  /** Bytes. */
  readonly size: number;
  /** Of those bytes, in lower-case hexadecimal. */
  readonly sha256: string;
}

/**
 * Pushes bytes into a {@linkcode SnapshotStore.put} as fast as the store takes them: one chunk
 * waits while the next is being made.
 */
export class StoreUpload {
  readonly #what: string;
  readonly #put: Promise<void>;
  readonly #hash = createHash("sha256");
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #size = 0;
  #waiting: Uint8Array | undefined;
  #closed = false;
  /** The store was given the end. */
  #sent = false;
  /** The put has settled. */
  #settled = false;
  #wakeReader = () => {};
  #wakeWriter = () => {};

  /** Begin to store `name`. */
  constructor(store: SnapshotStore, name: string, signal: AbortSignal | undefined) {
    this.#what = `${name} in ${store.url}`;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#pull(),
    }, { highWaterMark: 0 });
    this.#put = store.put(name, body, signal ? { signal } : {});
    const settle = () => {
      this.#settled = true;
      this.#wakeWriter();
    };
    // A failure is thrown by the call that comes next; until then it is nobody's fault.
    this.#put.then(settle, settle);
  }

  /**
   * Send `bytes`, which must not change any more. Resolves when more may be made.
   *
   * @throws what the store's put rejected with
   */
  async write(bytes: Uint8Array): Promise<void> {
    while (this.#waiting && !this.#settled) {
      await new Promise<void>((resolve) => this.#wakeWriter = resolve);
    }
    if (this.#settled) await this.#failure();
    this.#hash.update(bytes);
    this.#size += bytes.length;
    this.#waiting = bytes;
    this.#wakeReader();
  }

  /** Send the end, and wait until the store keeps it all. @throws what its put rejected with */
  async close(): Promise<Uploaded> {
    this.#closed = true;
    this.#wakeReader();
    await this.#put;
    if (!this.#sent) await this.#failure();
    return { size: this.#size, sha256: this.#hash.digest("hex") };
  }

  /** Stop, and wait for the store: it keeps nothing of it, unless it had everything. */
  async abort(reason: unknown): Promise<void> {
    this.#controller.error(reason);
    await Promise.allSettled([this.#put]);
  }

  async #pull(): Promise<void> {
    while (!this.#waiting && !this.#closed) {
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
    if (this.#waiting) {
      this.#controller.enqueue(this.#waiting);
      this.#waiting = undefined;
      this.#wakeWriter();
    } else {
      this.#controller.close();
      this.#sent = true;
    }
  }

  async #failure(): Promise<never> {
    await this.#put;
    throw new Error(`the store said that it had ${this.#what} before it was all sent`);
  }
}
