import { StoreError } from "../lib/model/errors.ts";
import {
  assertStoreName,
  type PutOptions,
  type SnapshotStore,
  type StoreItem,
} from "../lib/model/store.ts";
import { BodyFailure, BodyReader } from "./body_reader.ts";
import { byteStream } from "./byte_stream.ts";
import type { RawStore } from "./raw_store.ts";

/** What no name begins with need not be looked for, by each backend in its own encoding. */
const NAME_CHARACTERS = /^[0-9A-Za-z._+\/-]*$/;

/**
 * Make a store of what a backend can do: everything that the contract asks of every store alike.
 *
 * - Names are checked, an aborted signal and a closed store are refused, before any I/O.
 * - A put that rejects has cancelled its body.
 * - Disposal aborts what is under way (it rejects with `Closed`), waits for it, then closes the
 *   backend, so that a backend never loses its files or connection in the middle of a call.
 * - A stream is read as it is asked for, and errors instead of closing when bytes are missing.
 * - Whatever a backend throws arrives as a StoreError, the reason of the abort, or the body's own
 *   error.
 *
 * examples/kv_store.ts is a whole driver by it.
 */
export function guardStore(raw: RawStore): SnapshotStore {
  return new GuardedStore(raw);
}

class GuardedStore implements SnapshotStore {
  readonly url: string;
  readonly #raw: RawStore;
  readonly #closing = new AbortController();
  /** By the caller's signal: a merge opens thousands of files with one. */
  readonly #signals = new WeakMap<AbortSignal, AbortSignal>();
  readonly #running = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(raw: RawStore) {
    this.url = raw.url;
    this.#raw = raw;
  }

  async put(
    name: string,
    body: ReadableStream<Uint8Array>,
    { createOnly = false, signal }: PutOptions = {},
  ): Promise<void> {
    const reader = new BodyReader(body);
    try {
      await this.#run(name, "write", signal, (both) => {
        return this.#raw.put(name, reader.chunks(both), { createOnly, signal: both });
      });
    } catch (error) {
      await reader.cancel(error);
      throw error;
    }
  }

  get(
    name: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<ReadableStream<Uint8Array>> {
    return this.#run(name, "read", signal, async (both) => {
      const source = await this.#raw.get(name, both);
      const what = this.#what("read", name);
      if (both.aborted) {
        await source.close();
        throw both.reason;
      }
      const toError = (error: unknown) => this.#toError(error, what, both);
      return byteStream(source, { signal: both, toError, what });
    });
  }

  async *list(
    { prefix = "", signal }: { readonly prefix?: string; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<StoreItem> {
    const both = this.#begin(signal);
    if (!NAME_CHARACTERS.test(prefix)) return;
    try {
      for await (const item of this.#counted(this.#raw.list(prefix, both))) {
        both.throwIfAborted();
        yield item;
      }
      // One that an abort ended early must not pass for whole.
      both.throwIfAborted();
    } catch (error) {
      throw this.#toError(error, `cannot list ${this.url}`, both);
    }
  }

  delete(name: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#run(name, "delete", signal, (both) => this.#raw.delete(name, both));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(
      new StoreError("Closed", `the store ${this.url} was closed; open it again to use it`),
    );
    await Promise.allSettled(this.#running);
    await this.#raw.close();
  }

  /** The signal of a call that may start: aborted by the caller or by disposal. */
  #begin(signal: AbortSignal | undefined): AbortSignal {
    this.#closing.signal.throwIfAborted();
    signal?.throwIfAborted();
    return signal ? this.#withClosing(signal) : this.#closing.signal;
  }

  #withClosing(signal: AbortSignal): AbortSignal {
    let both = this.#signals.get(signal);
    if (!both) this.#signals.set(signal, both = AbortSignal.any([this.#closing.signal, signal]));
    return both;
  }

  async #run<T>(
    name: string,
    verb: string,
    signal: AbortSignal | undefined,
    work: (both: AbortSignal) => Promise<T>,
  ): Promise<T> {
    assertStoreName(name);
    const both = this.#begin(signal);
    try {
      return await this.#count(work(both));
    } catch (error) {
      throw this.#toError(error, this.#what(verb, name), both);
    }
  }

  /** Disposal waits for it. */
  async #count<T>(running: Promise<T>): Promise<T> {
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Each step is a call; between two of them nothing is under way. */
  #counted<T>(items: AsyncIterable<T>): AsyncIterable<T> {
    const steps = items[Symbol.asyncIterator]();
    const next = () => this.#count(steps.next());
    const end = async (): Promise<IteratorResult<T>> => {
      await steps.return?.();
      return { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
  }

  #what(verb: string, name: string): string {
    return `cannot ${verb} ${JSON.stringify(name)} in ${this.url}`;
  }

  #toError(error: unknown, what: string, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof BodyFailure) return error.cause;
    return error instanceof StoreError ? error : this.#raw.toStoreError(error, what);
  }
}
