import { type SharedSource, SharedSources } from "../index/shared_sources.ts";
import { SnapshotError } from "../model/errors.ts";
import type { EntryBatch } from "../model/entry_batch.ts";
import { compareKeys } from "../model/key_order.ts";
import type { SnapshotStore } from "../model/store.ts";
import { type Point, readPoint } from "../point.ts";

/**
 * The parts and patches that have to be read to find what may go, equal ones once; their owners are
 * indices into `points`. With a part come all its patches, without which it would not be told whose
 * its entries are.
 *
 * @param expired The points whose versions may go, by the same indices.
 * @param exclusive Whether what one kept point alone has is looked for, too.
 * @param givenUp Expired points of which damaged parts are read as far as they go: what is not read
 * is not deleted, so that this is safe.
 */
export function selectParts(
  store: SnapshotStore,
  points: readonly Point[],
  expired: ReadonlySet<number>,
  { exclusive, givenUp = new Set(), signal }: {
    readonly exclusive: boolean;
    readonly givenUp?: ReadonlySet<number> | undefined;
    readonly signal: AbortSignal;
  },
): SharedSource[] {
  const parts = shareParts(store, points, givenUp, signal);
  const ranges = new KeyRanges(parts.flatMap((part) => rangesOf(part, expired, exclusive)));
  const met = parts.filter((part) => ranges.meet(part));
  return [...new Set(met.flatMap((part) => [part, ...part.patchedBy]))]
    .map((part) => part.owners.every((owner) => givenUp.has(owner)) ? tolerant(part) : part);
}

/** Where a part may hold what may go. */
function rangesOf(
  { owners, patchedBy, ...range }: SharedSource,
  expired: ReadonlySet<number>,
  exclusive: boolean,
): Range[] {
  if (owners.every((owner) => expired.has(owner))) return [range];
  if (exclusive) return owners.length === 1 ? [range] : patchedBy;
  // What a kept point has without a patch stays; with one, it stays but for the patch's keys.
  const patchOf = new Map(
    patchedBy.flatMap((patch) => patch.owners.map((owner) => [owner, patch])),
  );
  const patches = owners.filter((owner) => !expired.has(owner)).map((owner) => patchOf.get(owner));
  return patches[0] && patches.every((patch) => patch) ? [patches[0]] : [];
}

/** The same part, whose damage is put up with. It is its owners' alone, and nobody patches it. */
function tolerant(part: SharedSource): SharedSource {
  return {
    ...part,
    open: () => asFarAsItGoes(part.open()),
    check: async () => {
      for await (const _ of asFarAsItGoes(part.open()));
    },
  };
}

async function* asFarAsItGoes(batches: AsyncIterable<EntryBatch>): AsyncGenerator<EntryBatch> {
  try {
    yield* batches;
  } catch (error) {
    if (!(error instanceof SnapshotError && error.code === "CorruptSnapshot")) throw error;
  }
}

interface Range {
  readonly firstKey: string;
  /** Undefined: it has no end. */
  readonly lastKey: string | undefined;
}

function shareParts(
  store: SnapshotStore,
  points: readonly Point[],
  givenUp: ReadonlySet<number>,
  signal: AbortSignal,
): SharedSource[] {
  const sources = new SharedSources(store, { doubtful: givenUp, signal });
  for (const [owner, point] of points.entries()) {
    if (point.manifest) sources.add(owner, point.manifest);
    else sources.addAlone(fileOf2015(store, point, owner, signal));
  }
  return sources.all();
}

/** Such a file does not say which keys it holds. */
function fileOf2015(store: SnapshotStore, point: Point, owner: number, signal: AbortSignal) {
  const open = () => readPoint(store, point, { signal });
  const check = async () => {
    for await (const _ of open());
  };
  return { owners: [owner], firstKey: "", lastKey: undefined, open, check };
}

/** A set of key ranges, joined where they overlap. */
class KeyRanges {
  /** Disjoint, ascending; only the last may have no end. */
  readonly #ranges: { readonly firstKey: string; lastKey: string | undefined }[] = [];

  constructor(ranges: readonly Range[]) {
    const sorted = ranges.toSorted((a, b) => compareKeys(a.firstKey, b.firstKey));
    for (const { firstKey, lastKey } of sorted) {
      const last = this.#ranges.at(-1);
      if (!last || isBefore(last.lastKey, firstKey)) this.#ranges.push({ firstKey, lastKey });
      else if (isBefore(last.lastKey, lastKey)) last.lastKey = lastKey;
    }
  }

  /** Whether one of them has a key in common with this one. */
  meet({ firstKey, lastKey }: Range): boolean {
    let low = 0, high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#ranges[middle]!.lastKey, firstKey)) low = middle + 1;
      else high = middle;
    }
    const range = this.#ranges[low];
    return range !== undefined && !isBefore(lastKey, range.firstKey);
  }
}

/** Whether the end of a range comes before a key, or before another's end. Undefined: no end. */
function isBefore(end: string | undefined, key: string | undefined): boolean {
  return end !== undefined && (key === undefined || compareKeys(end, key) < 0);
}
