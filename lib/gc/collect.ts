/**
 * Removing points and the versions that only they need: what gc and delete have in common.
 *
 * The order of things is what makes it safe. The points are read, all of them and what their parts
 * hold about the keys in question, or it stops with nothing changed; those to go are marked; the
 * points are read again, so that one that was written meanwhile counts; then versions are deleted,
 * each after a fresh look at the bucket; then the points' own files, see remove_point.ts. No date
 * decides about a version, unless it is in no point and those were asked for.
 *
 * Between the last look at a version and its deletion lie the rest of {@linkcode lookAgain}'s pages
 * and one request, a few seconds. A delete marker that somebody removes from above it in these
 * seconds leaves the key without its object: S3 deletes versions without conditions.
 */
import { acquireLock } from "../lock.ts";
import { SnapshotError } from "../model/errors.ts";
import type { OnProgress } from "../model/progress.ts";
import type { SnapshotStore } from "../model/store.ts";
import type { Point } from "../point.ts";
import { runBounded } from "../s3/run_bounded.ts";
import { type Candidate, findCandidates } from "./candidates.ts";
import { describeDamaged, describeGuest, describePoints } from "./describe_points.ts";
import { ensureReadable } from "./ensure_readable.ts";
import { lookAgain } from "./fresh_look.ts";
import { findForeignFiles } from "./foreign_files.ts";
import { historyBegin } from "./history_begin.ts";
import { removeLeftovers } from "./leftovers.ts";
import { otherBuckets } from "./other_buckets.ts";
import { type AllPoints, type DamagedPoint, readAllPoints } from "./read_all_points.ts";
import { markExpired, removePoint } from "./remove_point.ts";
import type { Replica } from "./replica.ts";
import type { Decision, GcReport, UnreferencedReport } from "./report.ts";
import { selectParts } from "./select_parts.ts";
import { ownPoints, protectors } from "./series.ts";
import { sweepUnreferenced } from "./sweep_unreferenced.ts";
import { Tally } from "./tally.ts";

/** How gc and delete are run. */
export interface CollectSettings {
  /** Only tell what would be done. Default: false. */
  readonly dryRun?: boolean | undefined;
  /**
   * Whether snapshots and other collections are kept out of the store meanwhile; a dry run never
   * does. Default: true. Say no only for a store that cannot lock, and then see to it that nothing
   * else runs on it.
   */
  readonly lock?: boolean | undefined;
  /** Who runs it, for those who find the store locked. Default: a random text. */
  readonly owner?: string | undefined;
  /** Abort: no further batch begins, and the reason is thrown. The next run does what is left. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each batch of versions that was deleted. */
  readonly onProgress?: OnProgress | undefined;
}

/** What is collected. */
export interface CollectTask {
  readonly store: SnapshotStore;
  readonly replica: Replica;
  /** For messages: `gc`. */
  readonly name: string;
  /**
   * Decides about the bucket's own points, oldest first, those whose removal was begun included.
   * One of these that is left out stays as it is, and protects nothing.
   */
  readonly decide: (own: readonly Point[], now: number, all: AllPoints) => readonly Decision[];
  /**
   * Decides about points of another bucket that go with their files alone: for them no version is
   * deleted anywhere. Default: there are none.
   */
  readonly decideGuests?: (all: readonly Point[], now: number) => readonly Decision[];
  /**
   * Ids of points that go even if they are damaged. What cannot be read of them stays in the
   * bucket, though nothing names it any more. Default: none.
   */
  readonly givenUp?: ReadonlySet<string>;
  /**
   * Keep the files of 2015 of which the bucket holds no version, and say so; see foreign_files.ts.
   * Default: they count as the bucket's own, as somebody says who names them.
   */
  readonly sparesForeignFiles?: boolean;
  /** Look for versions that no point names. Default: that is not done. */
  readonly unreferenced?: {
    /**
     * Delete those that have not been current for so long, in milliseconds. Default: only count
     * what could be deleted.
     */
    readonly olderThan?: number | undefined;
  } | undefined;
}

/** Ensures that nobody else changes the store, or throws. */
type Guard = () => Promise<void>;

/**
 * Remove the points that are decided against.
 *
 * @throws {LockError} when somebody else is at work in the store, or took over during this
 * @throws {SnapshotError} when any point of the store cannot be read, or one vanishes while nobody may
 * remove any; nothing is deleted then
 * @throws {S3Error} when the bucket refuses everything; single versions are in the report
 */
export async function collect(task: CollectTask, settings: CollectSettings): Promise<GcReport> {
  const { store, replica, name } = task;
  const { dryRun = false, signal = new AbortController().signal } = settings;
  if (dryRun || settings.lock === false) {
    return await new Collection(task, settings, signal, () => Promise.resolve()).run();
  }
  await using lock = await acquireLock(store, {
    purpose: `${name} of ${replica.url}`,
    owner: settings.owner,
    now: () => replica.now({ signal }),
    signal,
  });
  const both = AbortSignal.any([signal, lock.signal]);
  try {
    return await new Collection(task, settings, both, () => lock.assertHeld()).run();
  } catch (error) {
    // Somebody who took over may have removed points under our eyes: then that is what is wrong.
    if (error instanceof SnapshotError) await lock.assertHeld();
    throw error;
  }
}

class Collection {
  readonly #task: CollectTask;
  readonly #settings: CollectSettings;
  readonly #signal: AbortSignal;
  readonly #guard: Guard;
  /** Ids of files of 2015 that may be another bucket's. */
  #foreign: ReadonlySet<string> = new Set();

  constructor(task: CollectTask, settings: CollectSettings, signal: AbortSignal, guard: Guard) {
    this.#task = task;
    this.#settings = settings;
    this.#signal = signal;
    this.#guard = guard;
  }

  async run(): Promise<GcReport> {
    const began = performance.now();
    const { store, replica, decide, decideGuests, givenUp = new Set(), sparesForeignFiles } =
      this.#task;
    const { dryRun = false } = this.#settings;
    const signal = this.#signal;
    const now = await replica.now({ signal });
    // A dry run takes no lock, so that another may be collecting.
    const reading = { givenUp, mayVanish: dryRun, signal };
    const before = await readAllPoints(store, reading);
    const known = ownPoints(before.points, replica.identity);
    if (sparesForeignFiles) {
      this.#foreign = await findForeignFiles(store, replica, known, signal);
    }
    const own = known.filter(({ id }) => !this.#foreign.has(id));
    const spared = [...this.#foreign].map((id) => spareForeign(id, replica));
    const decisions = [...spared, ...decide(own, now, before)];
    const doomed = doomedOf(decisions);
    const expired = own.filter(({ id }) => doomed.has(id));
    const guestDecisions = decideGuests?.(before.points, now) ?? [];
    const doomedGuests = doomedOf(guestDecisions);
    const judged = new Set([...own, ...guestDecisions].map(({ id }) => id));
    const guests = before.points.filter(({ id }) => doomedGuests.has(id));
    if (!dryRun) {
      await this.#ensureReadable(expired, protectors(before.points, doomed, replica.identity));
      await this.#mark([...expired, ...guests, ...before.damaged], now);
    }
    const after = dryRun ? before : await readAllPoints(store, { ...reading, before });
    const points = [...expired, ...protectors(after.points, doomed, replica.identity)];
    const find = async () => {
      const tally = await this.#deleteVersions(points, expired.length);
      return { tally, unreferenced: await this.#sweep(points, after.points, doomed, tally, now) };
    };
    const { tally, unreferenced } = dryRun
      ? await this.#explained(find, points, expired.length)
      : await find();
    if (!dryRun) await this.#removeFiles(expired, [...guests, ...before.damaged], tally, now);
    const kept = [...decisions, ...guestDecisions].filter(({ keep }) => keep);
    return {
      dryRun,
      expired: [...before.damaged, ...expired, ...guests].map(({ id }) => id),
      kept: kept.map(({ id, reasons }) => ({ id, reasons })),
      points: [
        ...before.damaged.map((point) => describeDamaged(point, dryRun)),
        ...describePoints(decisions, points, tally, dryRun),
        ...guestDecisions.map((decision) => describeGuest(decision, dryRun)),
      ],
      ownPoints: own.length,
      otherBuckets: otherBuckets(before.points, judged, replica.identity, own.length > 0),
      ...(unreferenced && { unreferenced }),
      versionsDeleted: tally.versionsDeleted,
      bytesFreed: tally.bytesFreed,
      failed: tally.failed,
      failedCount: tally.failedCount,
      durationMs: Math.round(performance.now() - began),
    };
  }

  /** A dry run reads everything once: only when it comes upon damage it looks for whose that is. */
  async #explained<Found>(
    find: () => Promise<Found>,
    points: readonly Point[],
    expiredCount: number,
  ): Promise<Found> {
    try {
      return await find();
    } catch (error) {
      if (error instanceof SnapshotError) {
        await this.#ensureReadable(points.slice(0, expiredCount), points.slice(expiredCount));
      }
      throw error;
    }
  }

  async #ensureReadable(expired: readonly Point[], kept: readonly Point[]): Promise<void> {
    const points = [...expired, ...kept];
    // Whoever asks what no point names needs to know all that they name.
    const count = this.#task.unreferenced ? points.length : expired.length;
    const { indices, givenUp } = this.#expiredIndices(points, count);
    const exclusive = this.#settings.dryRun ?? false;
    const options = { exclusive, givenUp, signal: this.#signal };
    const parts = selectParts(this.#task.store, points, indices, options);
    await ensureReadable(parts, points, this.#signal);
  }

  /** Of the points that are expired, which are the first so many, and of those that are given up. */
  #expiredIndices(points: readonly Point[], count: number) {
    const indices = new Set(points.keys().take(count));
    const ids = this.#task.givenUp ?? new Set();
    return { indices, givenUp: new Set([...indices].filter((i) => ids.has(points[i]!.id))) };
  }

  async #mark(points: readonly (Point | DamagedPoint)[], now: number): Promise<void> {
    for (const point of points) {
      if (point.expired) continue;
      await this.#guard();
      await markExpired(this.#task.store, point, now, { signal: this.#signal });
    }
  }

  /** The first `expiredCount` of the points are expired, the others protect what they name. */
  async #deleteVersions(points: readonly Point[], expiredCount: number): Promise<Tally> {
    const { store, replica } = this.#task;
    const tally = new Tally(points.length);
    const { indices, givenUp } = this.#expiredIndices(points, expiredCount);
    const candidates = findCandidates(store, points, indices, {
      exclusive: this.#settings.dryRun ?? false,
      givenUp,
      signal: this.#signal,
    });
    await runBounded(candidates, replica.concurrency, async (batch, signal) => {
      for await (const versions of lookAgain(replica, batch, signal)) {
        await this.#deleteBatch(versions, tally, signal);
      }
    }, this.#signal);
    return tally;
  }

  /** `points` are all that may name versions of the bucket; those that are not doomed are kept. */
  async #sweep(
    points: readonly Point[],
    all: readonly Point[],
    doomed: ReadonlySet<string>,
    tally: Tally,
    now: number,
  ): Promise<UnreferencedReport | undefined> {
    const { unreferenced, store, replica } = this.#task;
    if (!unreferenced) return;
    const { olderThan } = unreferenced;
    const { dryRun, onProgress } = this.#settings;
    const kept = points.filter(({ id }) => !doomed.has(id));
    const own = ownPoints(all, replica.identity).filter((point) =>
      kept.includes(point) && !this.#foreign.has(point.id)
    );
    const begin = historyBegin(own, kept, now);
    return await sweepUnreferenced({
      ...{ store, replica, points, onProgress, signal: this.#signal },
      until: begin === undefined ? undefined : Math.min(begin, now - (olderThan ?? 0)),
      remove: async (batch, signal) => {
        if (olderThan === undefined) return;
        const versions = dryRun ? [batch] : lookAgain(replica, batch, signal);
        for await (const each of versions) await this.#deleteBatch(each, tally, signal);
      },
    });
  }

  async #deleteBatch(
    versions: readonly Candidate[],
    tally: Tally,
    signal: AbortSignal,
  ): Promise<void> {
    tally.seen(versions);
    const doomed = versions.filter(({ live }) => !live);
    if (doomed.length === 0) return;
    if (this.#settings.dryRun) tally.deleted(doomed, []);
    else {
      await this.#guard();
      const named = doomed.map(({ key, versionId }) => ({ key, versionId }));
      const { failed } = await this.#task.replica.deleteVersions(named, { signal });
      tally.deleted(doomed, failed);
    }
    const { versionsDeleted: objects, bytesFreed: bytes } = tally;
    this.#settings.onProgress?.({ phase: "deleting", objects, bytes });
  }

  /** `others` are those of which no version was to be deleted. */
  async #removeFiles(
    expired: readonly Point[],
    others: readonly (Point | DamagedPoint)[],
    tally: Tally,
    now: number,
  ): Promise<void> {
    const { store } = this.#task;
    const signal = this.#signal;
    const done = expired.filter((_, index) => !tally.incomplete.has(index));
    for (const point of [...done, ...others]) {
      await this.#guard();
      await removePoint(store, point, { signal });
    }
    const alone = this.#settings.lock !== false;
    await removeLeftovers(store, { now, alone, beforeDelete: this.#guard, signal });
  }
}

function doomedOf(decisions: readonly Decision[]): Set<string> {
  return new Set(decisions.filter(({ keep }) => !keep).map(({ id }) => id));
}

function spareForeign(id: string, { url }: Replica): Decision {
  const reasons = [
    `a file of 2015, and no version that it names is in ${url}: if no other bucket needs it, ` +
    `"delete ${id}"`,
  ];
  return { id, keep: true, reasons };
}
