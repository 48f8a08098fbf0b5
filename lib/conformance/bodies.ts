/** `length` bytes that look random, always the same for one `seed`. */
export function sampleBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = (seed * 0x9e3779b9) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A body that a check hands to `put`, and what the store did with it. */
export interface TrackedBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** How many chunks the store asked for. */
  readonly pulls: number;
  /** Whether the store cancelled it. */
  readonly cancelled: boolean;
  /** Resolves once the store asks for what comes after the given chunks. */
  readonly drained: Promise<void>;
}

/** What a {@linkcode trackedBody} does once its chunks are through: by default, it ends. */
export type BodyEnd = "close" | "stall" | { readonly error: unknown } | {
  readonly until: Promise<unknown>;
};

/** A body of the given chunks, which makes each only when it is asked for. */
export function trackedBody(chunks: readonly Uint8Array[], end: BodyEnd = "close"): TrackedBody {
  const drained = Promise.withResolvers<void>();
  const tracked = { pulls: 0, cancelled: false, drained: drained.promise };
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      const chunk = chunks[tracked.pulls++];
      if (chunk) return controller.enqueue(chunk);
      drained.resolve();
      if (end === "stall") return await new Promise<void>(() => {});
      if (end !== "close" && "error" in end) return controller.error(end.error);
      if (end !== "close") await end.until;
      if (!tracked.cancelled) controller.close();
    },
    cancel(): void {
      tracked.cancelled = true;
    },
  }, { highWaterMark: 0 });
  return Object.assign(tracked, { stream });
}

/** A body of `bytes` in one chunk. */
export function bodyOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return trackedBody([bytes]).stream;
}

/** `bytes` in chunks of the given sizes, over and over; a size of 0 makes an empty chunk. */
export function chunked(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let offset = 0, i = 0; offset < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    chunks.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  return chunks;
}
