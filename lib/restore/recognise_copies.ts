import { ColumnBuilder } from "../model/column_builder.ts";
import { entryAt } from "../model/entry_batch.ts";
import { EntryBatchBuilder } from "../model/entry_batch_builder.ts";
import { BackupError } from "../model/errors.ts";
import type { Bucket } from "../s3/bucket.ts";
import { runBounded } from "../s3/run_bounded.ts";
import { hasSameChecksum } from "../s3/same_checksum.ts";
import { COPY, COPY_ARCHIVED, type RestoreBatch } from "./restore_batch.ts";

/** Between what a plan copies. */
export interface CopyEnds {
  readonly source: Bucket;
  /** Under the same keys. */
  readonly target: Bucket;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Take out of a plan what need not be copied although its ETag differs: the target holds as many
 * bytes, and their checksum is the wanted version's. Costs a look (HEAD) at one or both for each
 * object of the same size.
 */
export async function* recogniseCopies(
  plan: AsyncIterable<RestoreBatch>,
  ends: CopyEnds,
): AsyncGenerator<RestoreBatch> {
  for await (const batch of plan) {
    const right = await rightRows(batch, ends);
    yield right.size > 0 ? withoutRows(batch, right) : batch;
  }
}

async function rightRows(batch: RestoreBatch, ends: CopyEnds): Promise<Set<number>> {
  const right = new Set<number>();
  await runBounded(candidates(batch), ends.target.concurrency, async (row, stop) => {
    if (await isRight(batch, row, ends, stop)) right.add(row);
  }, ends.signal);
  return right;
}

function* candidates({ entries, actions, seenSizes }: RestoreBatch): Generator<number> {
  for (let row = 0; row < entries.length; row++) {
    const isCopy = actions[row] === COPY || actions[row] === COPY_ARCHIVED;
    if (isCopy && seenSizes[row] === entries.sizes[row]) yield row;
  }
}

async function isRight(
  { entries }: RestoreBatch,
  row: number,
  { source, target }: CopyEnds,
  signal: AbortSignal,
): Promise<boolean> {
  const entry = entryAt(entries, row);
  try {
    const version = { ...entry, bucket: source };
    return await hasSameChecksum(version, { bucket: target, key: entry.key }, signal);
  } catch (error) {
    // It is not known to be right: the copy will meet the same, and say so.
    if (error instanceof BackupError) return false;
    throw error;
  }
}

/** The batch without things to do that turned out to be right. */
function withoutRows(batch: RestoreBatch, right: ReadonlySet<number>): RestoreBatch {
  const entries = new EntryBatchBuilder(), seenETags = new ColumnBuilder(1024);
  let bytes = 0;
  for (let row = 0; row < batch.entries.length; row++) {
    if (right.has(row)) {
      bytes += batch.entries.sizes[row]!;
      continue;
    }
    entries.appendFrom(batch.entries, row);
    seenETags.appendFrom(batch.seenETags, row);
  }
  const stays = (_: number, row: number) => !right.has(row);
  return {
    ...batch,
    seenETags: seenETags.take(entries.length),
    entries: entries.take(),
    actions: batch.actions.filter(stays),
    seenTimes: batch.seenTimes.filter(stays),
    seenSizes: batch.seenSizes.filter(stays),
    unchanged: batch.unchanged + right.size,
    bytesUnchanged: batch.bytesUnchanged + bytes,
  };
}
