import { openStore } from "../../backends/open_store.ts";
import { collectByPolicy, gc } from "../../lib/gc.ts";
import type { Replica } from "../../lib/gc/replica.ts";
import { readEntries, readManifest } from "../../lib/index/snapshot_reader.ts";
import { SnapshotWriter } from "../../lib/index/snapshot_writer.ts";
import { type EntryBatch, LATEST } from "../../lib/model/entry_batch.ts";
import { EntryBatchBuilder } from "../../lib/model/entry_batch_builder.ts";
import type { BucketIdentity, Manifest } from "../../lib/model/manifest.ts";
import { listSnapshots } from "../../lib/list_snapshots.ts";
import { listInOrder } from "../../lib/s3/list_in_order.ts";
import { type BucketAddress, openBenchBucket } from "./server.ts";

/** One key in so many is overwritten between a point and the next. */
const CHANGED = 1000;
/** All others go. */
const POLICY = { keepLast: 1 };

/** Where the points are. */
interface Directory {
  readonly directory: string;
}

/**
 * Store points of a bucket that has two versions of each key. In the first point all keys have their
 * older version; in each that follows a thousandth more of them, spread evenly, the newer one.
 *
 * @returns How many of the parts have patches
 */
export async function fillPoints(
  { directory, points, ...address }: BucketAddress & Directory & { readonly points: number },
): Promise<number> {
  await using bucket = openBenchBucket(address);
  await using store = await openStore(directory);
  const versions = await Array.fromAsync(listInOrder(bucket, {}));
  let previous: Manifest | undefined;
  let patches = 0;
  for (let n = 0; n < points; n++) {
    const writer = new SnapshotWriter(store, idOf(n), {
      ...(previous && { previous: { manifest: previous } }),
    });
    for (const batch of pointOf(versions, n)) await writer.write(batch);
    const time = new Date(Date.UTC(2026, 0, 1 + n)).toISOString();
    previous = await writer.finish({ createdAt: time, asOf: time, bucket: bucket.identity() });
    patches += previous.parts.filter(({ patch }) => patch).length;
  }
  return patches;
}

function idOf(n: number): string {
  return `202601${String(n + 1).padStart(2, "0")}T000000Z-aaaa`;
}

/** Of each key the version that point `n` has. */
function* pointOf(versions: readonly EntryBatch[], n: number): Generator<EntryBatch> {
  const builder = new EntryBatchBuilder();
  let key = -1;
  for (const batch of versions) {
    for (let row = 0; row < batch.length; row++) {
      const isNewer = (batch.flags[row]! & LATEST) !== 0;
      if (isNewer) key++;
      if (isNewer === key % CHANGED < n) builder.appendFrom(batch, row, 0);
    }
    if (builder.length > 0) yield builder.take();
  }
}

/** Read every point whole, one after another. @returns Their entries */
export async function readPoints({ directory }: Directory): Promise<number> {
  await using store = await openStore(directory);
  let entries = 0;
  for await (const { id } of listSnapshots({ store })) {
    for await (const batch of readEntries(store, await readManifest(store, id))) {
      entries += batch.length;
    }
  }
  return entries;
}

/** All of a dry run but for the bucket, which is not looked at. @returns As many as are given */
export async function planGc(
  { directory, entries }: Directory & { readonly entries: number },
): Promise<number> {
  await using store = await openStore(directory);
  const { bucket } = await readManifest(store, idOf(0));
  const { expired } = await collectByPolicy(store, nowhere(bucket), POLICY, { dryRun: true });
  if (expired.length === 0) throw new Error("no point would go");
  return entries;
}

/** A bucket in which nothing is left. */
function nowhere(identity: BucketIdentity): Replica {
  return {
    url: `s3://${identity.name}`,
    identity,
    concurrency: 8,
    now: () => Promise.resolve(Date.UTC(2026, 5, 1)),
    async *listVersions() {},
    deleteVersions: () => Promise.resolve({ failed: [] }),
  };
}

/** All but one of the points go, and what only they need. @returns The versions deleted */
export async function collectPoints(
  { directory, ...address }: BucketAddress & Directory,
): Promise<number> {
  await using bucket = openBenchBucket(address);
  await using store = await openStore(directory);
  const { versionsDeleted, failed } = await gc({ bucket, store, policy: POLICY });
  if (failed.length > 0) throw new Error(`${failed.length} versions could not be deleted`);
  return versionsDeleted;
}
