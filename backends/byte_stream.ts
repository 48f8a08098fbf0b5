import type { ByteSource } from "./raw_store.ts";
import { StoreError } from "../lib/model/errors.ts";

/** What {@linkcode byteStream} is told. */
export interface ByteStreamOptions {
  /** Abort: the stream errors with the reason, and the source is closed. */
  readonly signal: AbortSignal;
  /** What an error of the source is turned into. */
  readonly toError: (error: unknown) => unknown;
  /** For messages: which bytes these are. */
  readonly what: string;
}

/**
 * A stream of a source's bytes that reads nothing before it is asked, closes the source however
 * it ends, and errors instead of closing when bytes are missing.
 */
export function byteStream(
  source: ByteSource,
  { signal, toError, what }: ByteStreamOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let delivered = 0;
  let release: () => Promise<void>;

  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller): void {
      const onAbort = () => {
        controller.error(signal.reason);
        // Nobody is left to tell: the stream already carries the reason.
        release().catch(() => {});
      };
      release = async () => {
        signal.removeEventListener("abort", onAbort);
        await source.close();
      };
      signal.addEventListener("abort", onAbort, { once: true });
    },
    async pull(controller): Promise<void> {
      try {
        const chunk = await source.read();
        if (signal.aborted) return;
        if (chunk) {
          delivered += chunk.length;
          return controller.enqueue(chunk);
        }
        if (delivered !== source.size) throw cutShort(what, delivered, source.size);
        await release();
        controller.close();
      } catch (error) {
        if (signal.aborted) return;
        await release().catch(() => {});
        throw toError(error);
      }
    },
    cancel: () => release(),
  }, { highWaterMark: 0 });
}

function cutShort(what: string, delivered: number, size: number): StoreError {
  return new StoreError(
    "Corrupt",
    `${what}: ends after ${delivered} of ${size} bytes; delete it, or restore it from a copy`,
  );
}
