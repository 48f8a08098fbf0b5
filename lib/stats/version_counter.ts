import type { ManyMerge } from "../index/many_merge.ts";
import { type EntryAt, hasSameId, isSameVersion } from "../gc/same_version.ts";
import type { Amount } from "./stats_report.ts";

/** A point that is counted. */
export interface CountedPoint {
  /** The index of the point that it has grown from. */
  readonly previous: number | undefined;
  /** Whether its versions stay, or go unless another point keeps them. Else they are nobody's. */
  readonly fate: "stays" | "goes" | "undecided";
}

/** What is known of a point. */
export interface PointCounts {
  readonly exclusive: Sum;
  readonly added: Sum;
  readonly changed: Sum;
  readonly removed: Sum;
  readonly freed: Sum;
}

/** Adds up. */
export class Sum implements Amount {
  objects = 0;
  bytes = 0;

  /** One more. */
  add(bytes: number): void {
    this.objects++;
    this.bytes += bytes;
  }

  /** More of them. */
  addAll({ objects, bytes }: Amount): void {
    this.objects += objects;
    this.bytes += bytes;
  }
}

/** A version, and which points name it. */
interface NamedVersion extends EntryAt {
  readonly size: number;
  readonly holders: number[];
}

/** Counts what points hold, key by key. */
export class VersionCounter {
  /** By the points' indices. */
  readonly counts: readonly PointCounts[];
  /** Each version once. */
  readonly total: Sum = new Sum();
  /** Each version that a single point names. */
  readonly exclusive: Sum = new Sum();
  /** Each version that would go, once. */
  readonly freed: Sum = new Sum();
  readonly #points: readonly CountedPoint[];
  /** What each point has of the key in question. */
  readonly #held: (NamedVersion | undefined)[];

  /** Owners of what a merge holds are indices into these. */
  constructor(points: readonly CountedPoint[]) {
    this.#points = points;
    this.#held = points.map(() => undefined);
    this.counts = points.map(() => ({
      exclusive: new Sum(),
      added: new Sum(),
      changed: new Sum(),
      removed: new Sum(),
      freed: new Sum(),
    }));
  }

  /** Count the key that a merge has stopped at. */
  count(merge: ManyMerge): void {
    const versions = versionsAt(merge);
    for (const version of versions) this.#countVersion(version, versions);
    // Whatever all points have alike is no growth of any.
    if (versions[0]!.holders.length < this.#points.length) this.#countGrowth(versions);
  }

  #countVersion(version: NamedVersion, all: readonly NamedVersion[]): void {
    const { size, holders } = version;
    this.total.add(size);
    if (holders.length === 1) {
      this.exclusive.add(size);
      this.counts[holders[0]!]!.exclusive.add(size);
    }
    if (!this.#isGoing(version, all)) return;
    this.freed.add(size);
    for (const holder of holders) this.counts[holder]!.freed.add(size);
  }

  /** As gc has it: what only points name that go. For a kept `null` the id is enough. */
  #isGoing(version: NamedVersion, all: readonly NamedVersion[]): boolean {
    const isOf = (fate: CountedPoint["fate"], { holders }: NamedVersion) =>
      holders.some((holder) => this.#points[holder]!.fate === fate);
    return isOf("goes", version) &&
      !all.some((other) => hasSameId(version, other) && isOf("stays", other));
  }

  #countGrowth(versions: readonly NamedVersion[]): void {
    this.#held.fill(undefined);
    for (const version of versions) {
      for (const holder of version.holders) this.#held[holder] = version;
    }
    for (const [i, { previous }] of this.#points.entries()) {
      if (previous === undefined) continue;
      const before = this.#held[previous], after = this.#held[i];
      if (before === after) continue;
      const { added, changed, removed } = this.counts[i]!;
      if (after) (before ? changed : added).add(after.size);
      else removed.add(before!.size);
    }
  }
}

function versionsAt(merge: ManyMerge): NamedVersion[] {
  const versions: NamedVersion[] = [];
  for (let n = 0; n < merge.count; n++) {
    const { batch, row } = merge.cursorAt(n), owners = merge.ownersAt(n);
    const entry = { batch, row };
    const known = versions.find((version) => isSameVersion(version, entry));
    if (known) known.holders.push(...owners);
    else versions.push({ ...entry, size: batch.sizes[row]!, holders: [...owners] });
  }
  return versions;
}
