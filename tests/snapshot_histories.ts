import fc from "npm:fast-check@4.10.2";
import { SnapshotWriter } from "../lib/index/snapshot_writer.ts";
import type { Entry } from "../lib/model/entry.ts";
import { compareKeys } from "../lib/model/key_order.ts";
import type { Manifest } from "../lib/model/manifest.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { batchOf, entry } from "./entry_batches.ts";

/** Keys of several scripts, in order; few, so that all that can happen to them does. */
export const HISTORY_KEYS: readonly string[] = [
  ...["", "a", "a/", "a/b", "b", "ba", "c", "z", "é", "\uff5e", "\u{1f600}"].map((end) =>
    `k${end}`
  ),
  ...["l", "m", "m\0"],
].sort(compareKeys);

/** What a bucket held when a snapshot was taken of it, and how that was written. */
export interface Moment {
  /** By {@linkcode HISTORY_KEYS}: which version each has. */
  readonly held: readonly (string | undefined)[];
  /** Keys after which the listing was cut. */
  readonly cuts: readonly string[];
  /** Of a part's entries so many may be in a patch. */
  readonly maxShare: number;
  /** Smaller parts are written anew. */
  readonly minEntries: number;
}

const version = fc.constantFrom(undefined, "v1", "v1", "v2", "null 1", "null 2");
const perKey = { minLength: HISTORY_KEYS.length, maxLength: HISTORY_KEYS.length };

/** A bucket at so many moments at most, in each of which few keys differ from the one before. */
export function histories(maxLength: number): fc.Arbitrary<Moment[]> {
  const change = fc.option(fc.record({ version }), { freq: 3, nil: undefined });
  const step = fc.record({
    changes: fc.array(change, perKey),
    cuts: fc.subarray([...HISTORY_KEYS]),
    maxShare: fc.constantFrom(0, 0.3, 1, 100),
    minEntries: fc.constantFrom(1, 1, 3),
  });
  return fc.tuple(fc.array(version, perKey), fc.array(step, { minLength: 1, maxLength })).map(
    ([first, steps]) => {
      let held = first;
      return steps.map(({ changes, ...how }) => {
        held = held.map((old, i) => changes[i] ? changes[i].version : old);
        return { held, ...how };
      });
    },
  );
}

/** The entries of a moment, in key order. */
export function entriesAt({ held }: Moment): Entry[] {
  return HISTORY_KEYS.flatMap((key, i) => {
    const [versionId, which = "0"] = held[i]?.split(" ") ?? [];
    if (versionId === undefined) return [];
    const etag = `etag of ${held[i]}`;
    return [entry({ key, versionId, etag, lastModified: 1000 + Number(which), size: i })];
  });
}

/** Store a snapshot of each moment, each as changes to the one before. */
export async function putHistory(
  store: SnapshotStore,
  moments: readonly Moment[],
): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const [n, moment] of moments.entries()) {
    const manifest = manifests.at(-1);
    const { minEntries, maxShare } = moment;
    const id = `20261101T0000${String(n).padStart(2, "0")}Z-abcd`;
    const writer = new SnapshotWriter(store, id, {
      ...(manifest && { previous: { manifest, minEntries, maxShare } }),
    });
    await writeRanges(writer, entriesAt(moment), moment.cuts);
    const asOf = `2026-11-01T00:00:${String(n).padStart(2, "0")}.000Z`;
    manifests.push(await writer.finish({ createdAt: asOf, asOf, bucket: { name: "replica" } }));
  }
  return manifests;
}

async function writeRanges(
  writer: SnapshotWriter,
  entries: readonly Entry[],
  cuts: readonly string[],
): Promise<void> {
  const bounds = [undefined, ...cuts, undefined];
  for (const [i, end] of bounds.slice(1).entries()) {
    const after = bounds[i];
    const inside = entries.filter(({ key }) =>
      (after === undefined || compareKeys(key, after) > 0) &&
      (end === undefined || compareKeys(key, end) <= 0)
    );
    // As a listing does: a range without keys is nobody's.
    if (inside.length === 0) continue;
    const range = writer.range(after === undefined ? {} : { after });
    for (let at = 0; at < inside.length; at += 2) {
      await range.write(batchOf(inside.slice(at, at + 2)));
    }
    await range.finish(end === undefined ? {} : { before: `${end}\0` });
  }
}
