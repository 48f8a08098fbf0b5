import { SnapshotError } from "../model/errors.ts";
import type { EntryBatch } from "../model/entry_batch.ts";
import type { MergeSource } from "../index/merge_source.ts";
import { readPart } from "../index/part_reader.ts";
import { compareKeys } from "../model/key_order.ts";
import type { SnapshotStore } from "../model/store.ts";
import { type Point, readPoint } from "../point.ts";

/**
 * The parts that have to be read to find what may go, equal ones once; their owners are indices
 * into `points`.
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
  { exclusive, givenUp, signal }: {
    readonly exclusive: boolean;
    readonly givenUp?: ReadonlySet<number> | undefined;
    readonly signal: AbortSignal;
  },
): MergeSource[] {
  const parts = shareParts(store, points, signal);
  const ranges = new KeyRanges(
    parts.filter(({ owners }) =>
      owners.every((owner) => expired.has(owner)) || (exclusive && owners.length === 1)
    ),
  );
  return parts.filter((part) => ranges.meet(part)).map((part) => {
    if (!part.owners.every((owner) => givenUp?.has(owner))) return part;
    return { ...part, open: () => asFarAsItGoes(part.open()) };
  });
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

interface SharedPart extends MergeSource, Range {
  readonly firstKey: string;
  readonly owners: number[];
}

function shareParts(
  store: SnapshotStore,
  points: readonly Point[],
  signal: AbortSignal,
): SharedPart[] {
  const shared = new Map<string, SharedPart>();
  for (const [owner, point] of points.entries()) {
    for (const [hash, part] of partsOf(store, point, owner, signal)) {
      const known = shared.get(hash);
      if (known) known.owners.push(owner);
      else shared.set(hash, part);
    }
  }
  return [...shared.values()];
}

/** By what makes them equal. */
function partsOf(
  store: SnapshotStore,
  point: Point,
  owner: number,
  signal: AbortSignal,
): [string, SharedPart][] {
  const { id, manifest } = point;
  if (!manifest) {
    // A file of 2015 does not say which keys it holds.
    const open = () => readPoint(store, point, { signal });
    return [[`file ${id}`, { owners: [owner], firstKey: "", lastKey: undefined, open }]];
  }
  return manifest.parts.map((part) => {
    const { firstKey, lastKey, sha256 } = part;
    const open = () => readPart(store, id, part, { signal });
    return [sha256, { owners: [owner], firstKey, lastKey, open }];
  });
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
