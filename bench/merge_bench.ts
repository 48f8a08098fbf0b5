/**
 * What a merge of many snapshots costs next to decoding all of them, when each differs from the
 * others by a thousandth: in one place (a day's new keys) or spread over all keys.
 *
 *     deno run bench/merge_bench.ts [ENTRIES [SNAPSHOTS]]
 */
import { openMemoryStore } from "../backends/memory.ts";
import { ManyMerge } from "../lib/index/many_merge.ts";
import { readEntries } from "../lib/index/snapshot_reader.ts";
import { SnapshotWriter } from "../lib/index/snapshot_writer.ts";
import type { EntryBatch } from "../lib/model/entry_batch.ts";
import type { Manifest } from "../lib/model/manifest.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { partSources } from "../tests/part_sources.ts";
import { generateBatches } from "./generate_entries.ts";

const DEFAULT_ENTRIES = 300_000;
const DEFAULT_SNAPSHOTS = 10;
/** One entry in so many differs. */
const CHANGED = 1000;

/** Whether entry `i` of `entries` differs in snapshot `n` of `snapshots`. */
type Change = (i: number, n: number, entries: number, snapshots: number) => boolean;

const CHANGES: Record<string, Change> = {
  "in one place": (i, n, entries, snapshots) => {
    const from = Math.floor(n / snapshots * entries);
    return i >= from && i < from + entries / CHANGED;
  },
  "spread out": (i, n) => i % CHANGED === n,
};

async function write(store: SnapshotStore, id: string, batches: Iterable<EntryBatch>) {
  const writer = new SnapshotWriter(store, id);
  for (const batch of batches) await writer.write(batch);
  const time = "2026-11-23T01:15:30Z";
  return await writer.finish({ createdAt: time, asOf: time, bucket: { name: "bench" } });
}

function* changed(entries: number, isChanged: (i: number) => boolean): Generator<EntryBatch> {
  let i = 0;
  for (const batch of generateBatches(entries)) {
    for (let row = 0; row < batch.length; row++) if (isChanged(i++)) batch.sizes[row]! += 1 + i;
    yield batch;
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function decodeAll(store: SnapshotStore, manifests: readonly Manifest[]): Promise<void> {
  for (const manifest of manifests) for await (const _ of readEntries(store, manifest));
}

async function mergeAll(store: SnapshotStore, manifests: readonly Manifest[]): Promise<void> {
  await using merge = new ManyMerge(partSources(store, manifests));
  let keys = 0;
  while (await merge.load()) while (merge.next()) keys++;
  if (keys !== manifests[0]!.totals.objects) throw new Error("the merge lost keys");
}

async function measure(name: string, change: Change, entries: number, snapshots: number) {
  await using store = openMemoryStore();
  const manifests: Manifest[] = [];
  for (let n = 0; n < snapshots; n++) {
    const id = `20261123T0115${10 + n}Z-aaaa`;
    manifests.push(
      await write(store, id, changed(entries, (i) => change(i, n, entries, snapshots))),
    );
  }
  const all = manifests.reduce((sum, { parts }) => sum + parts.length, 0);
  const distinct = partSources(store, manifests).length;
  const decoding = await seconds(() => decodeAll(store, manifests));
  const merging = await seconds(() => mergeAll(store, manifests));
  console.log(
    `changes ${name}: ${distinct} of ${all} parts are distinct; decoding all ` +
      `${decoding.toFixed(2)} s, merging ${merging.toFixed(2)} s, ` +
      `${(decoding / merging).toFixed(1)} times faster`,
  );
}

if (import.meta.main) {
  const entries = Number(Deno.args[0] ?? DEFAULT_ENTRIES);
  const snapshots = Number(Deno.args[1] ?? DEFAULT_SNAPSHOTS);
  for (const [name, change] of Object.entries(CHANGES)) {
    await measure(name, change, entries, snapshots);
  }
}
