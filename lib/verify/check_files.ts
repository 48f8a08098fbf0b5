import { readPart } from "../index/part_reader.ts";
import type { EntryBatch } from "../model/entry_batch.ts";
import { SnapshotError, StoreError } from "../model/errors.ts";
import type { PartInfo } from "../model/manifest.ts";
import type { SnapshotStore } from "../model/store.ts";
import { type Point, readPoint } from "../point.ts";
import { runBounded } from "../s3/run_bounded.ts";
import type { PointDraft } from "./point_draft.ts";

/** Parts read at once: hides the store's latency; each holds a block in memory. */
const PARTS_IN_FLIGHT = 8;

/** How files are checked. */
export interface CheckFilesOptions {
  /** Told of each block's entries and the sum of their objects' sizes. */
  readonly onEntries: (objects: number, bytes: number) => void;
  /** Abort: the reason is thrown. */
  readonly signal: AbortSignal;
}

/**
 * Read every file of a point to its end: each block's checksum, each part's SHA-256, size, counts
 * and order of keys, and the manifest's totals. One damaged part does not hide the next.
 *
 * @throws {StoreError} when the store does not answer
 */
export async function checkFiles(
  store: SnapshotStore,
  point: Point,
  draft: PointDraft,
  options: CheckFilesOptions,
): Promise<void> {
  const { signal } = options;
  const { manifest } = point;
  if (!manifest) {
    await check(readPoint(store, point, { signal }), draft, options);
    return;
  }
  const checkPart = (part: PartInfo, stop: AbortSignal) =>
    check(readPart(store, point.id, part, { signal: stop }), draft, options);
  await runBounded(manifest.parts, PARTS_IN_FLIGHT, checkPart, signal);
  checkTotals(point, draft);
}

async function check(
  batches: AsyncIterable<EntryBatch>,
  draft: PointDraft,
  { onEntries }: CheckFilesOptions,
): Promise<void> {
  try {
    for await (const { length, sizes } of batches) {
      let bytes = 0;
      for (const size of sizes) bytes += size;
      draft.objects += length;
      draft.bytes += bytes;
      onEntries(length, bytes);
    }
  } catch (error) {
    if (!isOfTheFile(error)) throw error;
    draft.addProblem(error.message);
  }
}

/** Whether trying again, or another file, may fare better. */
function isOfTheFile(error: unknown): error is SnapshotError | StoreError {
  return error instanceof SnapshotError || error instanceof StoreError && !error.retryable;
}

/** The sum of all sizes; nothing else holds that. Beyond 2^53 sums are not exact. */
function checkTotals({ id, totals }: Point, draft: PointDraft): void {
  if (!draft.isSound || draft.bytes === totals.bytes) return;
  if (Math.max(draft.bytes, totals.bytes) > Number.MAX_SAFE_INTEGER) return;
  draft.addProblem(
    `the manifest of ${id} says that its objects have ${totals.bytes} bytes, and its entries say ` +
      `${draft.bytes}`,
  );
}
