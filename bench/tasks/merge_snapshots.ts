import { openMemoryStore } from "../../backends/memory.ts";
import { ManyMerge } from "../../lib/index/many_merge.ts";
import { readEntries } from "../../lib/index/snapshot_reader.ts";
import { SnapshotWriter } from "../../lib/index/snapshot_writer.ts";
import type { EntryBatch } from "../../lib/model/entry_batch.ts";
import type { Manifest } from "../../lib/model/manifest.ts";
import type { SnapshotStore } from "../../lib/model/store.ts";
import { partSources } from "../../tests/part_sources.ts";
import { generateBatches } from "../generate_entries.ts";

/** Whether entry `i` of `entries` differs in snapshot `n` of `snapshots`. */
type Change = (i: number, n: number, entries: number, snapshots: number) => boolean;

/** One entry in so many differs. */
const CHANGED = 1000;

const CHANGES = {
  /** As a day's new keys do. */
  "in one place": (i, n, entries, snapshots) => {
    const from = Math.floor(n / snapshots * entries);
    return i >= from && i < from + entries / CHANGED;
  },
  /** As where keys are random, and every snapshot differs from one that they all go back to. */
  "spread out": (i, n) => i % CHANGED === n,
  /** The same, and what changed stays changed: each differs so from the one before. */
  "spread out, adding up": (i, n) => i % CHANGED <= n,
} as const satisfies Record<string, Change>;

/** What is merged. */
export interface MergeOptions {
  readonly entries: number;
  readonly snapshots: number;
  readonly change: keyof typeof CHANGES;
}

/** What merging and decoding took. */
export interface MergeTimes {
  readonly parts: number;
  readonly patches: number;
  readonly distinctFiles: number;
  readonly mergeSeconds: number;
  readonly decodeSeconds: number;
}

/** Snapshots that differ by a thousandth each: merged, and decoded one after another. */
export async function mergeSnapshots(
  { entries, snapshots, change }: MergeOptions,
): Promise<MergeTimes> {
  await using store = openMemoryStore();
  const batches = [...generateBatches(entries)];
  const manifests: Manifest[] = [];
  for (let n = 0; n < snapshots; n++) {
    const isChanged = (i: number) => CHANGES[change](i, n, entries, snapshots);
    manifests.push(await write(store, n, changed(batches, isChanged), manifests.at(-1)));
  }
  const mergeSeconds = await seconds(() => mergeAll(store, manifests));
  const decodeSeconds = await seconds(() => decodeAll(store, manifests));
  return {
    parts: manifests.reduce((sum, { parts }) => sum + parts.length, 0),
    patches: manifests.reduce(
      (sum, { parts }) => sum + parts.filter(({ patch }) => patch).length,
      0,
    ),
    distinctFiles: partSources(store, manifests).length,
    mergeSeconds,
    decodeSeconds,
  };
}

async function write(
  store: SnapshotStore,
  n: number,
  batches: Iterable<EntryBatch>,
  before: Manifest | undefined,
): Promise<Manifest> {
  const previous = before && { previous: { manifest: before } };
  const writer = new SnapshotWriter(store, `20261123T0115${10 + n}Z-aaaa`, { ...previous });
  for (const batch of batches) await writer.write(batch);
  const time = "2026-11-23T01:15:30Z";
  return await writer.finish({ createdAt: time, asOf: time, bucket: { name: "bench" } });
}

function* changed(
  batches: readonly EntryBatch[],
  isChanged: (i: number) => boolean,
): Generator<EntryBatch> {
  let i = 0;
  for (const batch of batches) {
    const sizes = batch.sizes.map((size) => isChanged(i++) ? size + i : size);
    yield { ...batch, sizes };
  }
}

async function decodeAll(store: SnapshotStore, manifests: readonly Manifest[]): Promise<void> {
  let entries = 0;
  for (const manifest of manifests) {
    for await (const { length } of readEntries(store, manifest)) entries += length;
  }
  if (entries !== manifests.length * manifests[0]!.totals.objects) throw new Error("lost entries");
}

async function mergeAll(store: SnapshotStore, manifests: readonly Manifest[]): Promise<void> {
  await using merge = new ManyMerge(partSources(store, manifests));
  let keys = 0;
  while (await merge.load()) while (merge.next()) keys++;
  if (keys !== manifests[0]!.totals.objects) throw new Error("the merge lost keys");
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
