import { isPartOf } from "../gc/series.ts";
import { selectParts } from "../gc/select_parts.ts";
import type { MergeSource } from "../index/merge_source.ts";
import type { EntryBatch } from "../model/entry_batch.ts";
import { SnapshotError } from "../model/errors.ts";
import type { OnProgress } from "../model/progress.ts";
import type { SnapshotStore } from "../model/store.ts";
import type { Bucket } from "../s3/bucket.ts";
import { listInOrder } from "../s3/list_in_order.ts";
import { runBounded } from "../s3/run_bounded.ts";
import { type AbsentVersion, type FoundVersion, lookForVersions } from "./look_for_versions.ts";
import { CHANGED, type LostVersions, MISSING } from "./lost_versions.ts";
import type { PointDraft } from "./point_draft.ts";
import type { DataTally } from "./read_sample.ts";
import { Sample } from "./sample.ts";

/** Storage classes whose objects cannot be read before they were thawed. */
const ARCHIVES: readonly string[] = ["GLACIER", "DEEP_ARCHIVE"];

/** What versions are held against, and where findings go. */
export interface CheckVersionsContext {
  readonly store: SnapshotStore;
  readonly bucket: Bucket;
  readonly lost: LostVersions;
  /** Undefined: no object is read. */
  readonly data: DataTally | undefined;
  readonly onProgress: OnProgress | undefined;
  readonly signal: AbortSignal;
}

/** Whether every version that a point may name is within what a bucket's URL names. */
export function isWithin({ point }: PointDraft, bucket: Bucket): boolean {
  return point?.bucket === undefined || isPartOf(point.bucket, bucket.identity());
}

/**
 * Hold all that points name against one listing of the bucket, and read those versions that are
 * chosen. Equal parts of several points are read once.
 *
 * @param drafts Points whose files are sound, and that are {@linkcode isWithin} the bucket.
 * @throws {S3Error} when the bucket cannot be listed, or does not answer
 * @throws {StoreError} when the store does not answer
 */
export async function checkVersions(
  drafts: readonly PointDraft[],
  context: CheckVersionsContext,
): Promise<void> {
  if (drafts.length === 0) return;
  for (const draft of drafts) draft.lookedFor = true;
  // Of equal parts the first point's is read. gc takes old points away, so the newest comes first.
  const newestFirst = drafts.toReversed();
  const chosen = chooseVersions(newestFirst, context);
  const { bucket, signal } = context;
  await runBounded(chosen, bucket.concurrency, async (version, stop) => {
    await readVersion(version, newestFirst, { ...context, signal: stop });
  }, signal);
}

async function* chooseVersions(
  drafts: readonly PointDraft[],
  context: CheckVersionsContext,
): AsyncGenerator<FoundVersion> {
  const { bucket, data, lost } = context;
  const findings = {
    found: (batch: EntryBatch, row: number, owners: readonly number[]) => {
      if (!ARCHIVES.includes(batch.storageClassNames[batch.storageClasses[row]!]!)) return;
      for (const owner of owners) drafts[owner]!.archived++;
    },
    absent: (version: AbsentVersion) => {
      const wanting = wantingOf(version, drafts);
      for (const draft of wanting) draft[version.isChanged ? "changed" : "missing"]++;
      lost.add({ version, bucket, ...describe(version, bucket), drafts: wanting });
    },
  };
  const sample = data && new Sample(data.percent, data.seed);
  const sources = sourcesOf(drafts, context);
  for await (const batch of lookForVersions(sources, list(drafts, context), findings, sample)) {
    yield* batch;
  }
}

/** Oldest first. */
function wantingOf(
  { owners }: Pick<FoundVersion, "owners">,
  drafts: readonly PointDraft[],
): PointDraft[] {
  return [...owners].sort((a, b) => b - a).map((owner) => drafts[owner]!);
}

function describe({ isChanged }: AbsentVersion, { name }: Bucket) {
  return isChanged
    ? { code: CHANGED, message: `another object has overwritten it in bucket ${name}` }
    : { code: MISSING, message: `it is not in bucket ${name}` };
}

/** Each part once; one that cannot be read any more is a problem of the points that have it. */
function sourcesOf(
  drafts: readonly PointDraft[],
  { store, signal }: CheckVersionsContext,
): MergeSource[] {
  const points = drafts.map(({ point }) => point!);
  const all = new Set(points.keys());
  return selectParts(store, points, all, { exclusive: false, signal }).map((source) => ({
    ...source,
    open: () => asFarAsItGoes(source, drafts),
  }));
}

async function* asFarAsItGoes(
  source: MergeSource,
  drafts: readonly PointDraft[],
): AsyncGenerator<EntryBatch> {
  try {
    yield* source.open();
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    for (const owner of source.owners) {
      drafts[owner]!.addProblem(`${error.message} (it was sound a moment ago)`);
    }
  }
}

function list(
  drafts: readonly PointDraft[],
  { bucket, onProgress, data, signal }: CheckVersionsContext,
): AsyncGenerator<EntryBatch> {
  const prefix = commonPrefix(drafts.map(({ point }) => point!.bucket?.prefix ?? bucket.prefix));
  const newest = drafts.find(({ point }) => point?.manifest)?.point?.manifest;
  const parts = newest?.parts ?? [];
  let objects = 0;
  return listInOrder(bucket, {
    prefix: prefix.slice(bucket.prefix.length),
    splitKeys: parts.flatMap(({ splitKeys }) => splitKeys),
    signal,
    onPage: (versions) => {
      objects += versions;
      if (!data) onProgress?.({ phase: "listing", objects, bytes: 0 });
    },
  });
}

function commonPrefix(prefixes: readonly string[]): string {
  const [first = "", ...others] = prefixes;
  let length = first.length;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length--;
  }
  const common = first.slice(0, length);
  // A character of two units is not cut in half.
  return common.isWellFormed() ? common : common.slice(0, -1);
}

async function readVersion(
  version: FoundVersion,
  drafts: readonly PointDraft[],
  { bucket, lost, data, onProgress, signal }: CheckVersionsContext,
): Promise<void> {
  const tell = () => {
    onProgress?.({ phase: "reading", objects: data!.chosen, bytes: data!.bytesRead });
  };
  const problem = await data!.read(bucket, version, tell, signal);
  tell();
  if (!problem) return;
  const wanting = wantingOf(version, drafts);
  for (const draft of wanting) draft.unreadable++;
  lost.add({ version, bucket, ...problem, drafts: wanting });
}
