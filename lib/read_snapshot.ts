import type { Entry } from "./model/entry.ts";
import { entryAt, type EntryBatch } from "./model/entry_batch.ts";
import type { SnapshotStore } from "./model/store.ts";
import { readPoint } from "./point.ts";
import { openPoint } from "./points.ts";
import { resolvePoint } from "./resolve_point.ts";

/** What of a snapshot is read. */
export interface ReadSnapshotOptions {
  /** An id, an unambiguous beginning of one, `latest`, or `latest~N`. */
  readonly snapshot: string;
  /** Where it is. */
  readonly store: SnapshotStore;
  /** Only keys that begin with it. Default: all. */
  readonly prefix?: string;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * The entries of a snapshot in key order, as objects. {@linkcode readSnapshotBatches} is several
 * times faster where millions are read.
 *
 * @throws {SnapshotError} when it is not there, cannot be told from others, or is damaged
 * @throws {StoreError} when the store does not answer
 *
 * @example
 * ```ts ignore
 * for await (const { key, size } of readSnapshot({ store, snapshot: "latest", prefix: "2026/" })) {
 *   console.log(key, size);
 * }
 * ```
 */
export async function* readSnapshot(options: ReadSnapshotOptions): AsyncGenerator<Entry> {
  for await (const batch of readSnapshotBatches(options)) {
    for (let row = 0; row < batch.length; row++) yield entryAt(batch, row);
  }
}

/**
 * The entries of a snapshot in key order, by column.
 *
 * @throws {SnapshotError} when it is not there, cannot be told from others, or is damaged
 * @throws {StoreError} when the store does not answer
 *
 * @example
 * ```ts ignore
 * let bytes = 0;
 * for await (const { sizes } of readSnapshotBatches({ store, snapshot: "latest" })) {
 *   for (const size of sizes) bytes += size;
 * }
 * ```
 */
export async function* readSnapshotBatches(
  { snapshot, store, prefix = "", signal }: ReadSnapshotOptions,
): AsyncGenerator<EntryBatch> {
  const options = signal ? { signal } : {};
  const point = await openPoint(store, await resolvePoint(store, snapshot, options), options);
  yield* readPoint(store, point, { ...options, prefix });
}
