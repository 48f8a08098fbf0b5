/**
 * A driver that has another copy of the library than who loads it, as one from a registry has: its
 * errors are called like ours, and are of other classes.
 */
import type { OpenStoreOptions, SnapshotStore } from "../../testing.ts";
import { BackupError } from "../../testing.ts";
import { openStore as openDrawer } from "./drawer_store.ts";

class ForeignError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor({ name, code, message, retryable }: BackupError) {
    super(message);
    this.name = name;
    this.code = code;
    this.retryable = retryable;
  }
}

/** Only those of the drawer: a body's own error is passed on as it is. */
function toForeign(error: unknown): never {
  throw error instanceof BackupError ? new ForeignError(error) : error;
}

/** Open `foreign:NAME`. */
export async function openStore(url: string, options?: OpenStoreOptions): Promise<SnapshotStore> {
  const drawer = await openDrawer(url.replace("foreign:", "drawer:"), options).catch(toForeign);
  return {
    url,
    put: (...args) => drawer.put(...args).catch(toForeign),
    get: async (...args) => {
      const reader = (await drawer.get(...args).catch(toForeign)).getReader();
      return new ReadableStream({
        async pull(controller) {
          const { done, value } = await reader.read().catch(toForeign);
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: (reason) => reader.cancel(reason),
      }, { highWaterMark: 0 });
    },
    async *list(options) {
      try {
        yield* drawer.list(options);
      } catch (error) {
        toForeign(error);
      }
    },
    delete: (...args) => drawer.delete(...args).catch(toForeign),
    [Symbol.asyncDispose]: () => drawer[Symbol.asyncDispose](),
  };
}
