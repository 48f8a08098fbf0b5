/**
 * A configured driver brings its own copy of this library, from wherever it is imported. What that
 * throws are our errors by name, code and message, and yet of other classes than those that are
 * looked for here.
 */
import { InputError, StoreError } from "../lib/model/errors.ts";
import type { SnapshotStore } from "../lib/model/store.ts";

/** The same store, whose errors are ours. Streams and signals pass through as they are. */
export function adoptStore(store: SnapshotStore): SnapshotStore {
  return {
    url: store.url,
    put: (...args) => adopted(() => store.put(...args)),
    get: async (...args) => adoptStream(await adopted(() => store.get(...args))),
    async *list(options) {
      try {
        yield* store.list(options);
      } catch (error) {
        throw adoptError(error);
      }
    },
    delete: (...args) => adopted(() => store.delete(...args)),
    [Symbol.asyncDispose]: () => adopted(() => store[Symbol.asyncDispose]()),
  };
}

/** Call what belongs to a driver. @throws what it throws; an error of ours as ours */
export async function adopted<T>(call: () => PromiseLike<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw adoptError(error);
  }
}

function adoptStream(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await adopted(() => reader.read());
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

function adoptError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreError || error instanceof InputError) {
    return error;
  }
  const { message, code, retryable = false } = error as Partial<StoreError> & Error;
  if (error.name === "InputError") return new InputError(message, { cause: error });
  if (error.name !== "StoreError" || code === undefined) return error;
  return new StoreError(code, message, { cause: error, retryable });
}
