import { planGc, type RetentionTask } from "./gc.ts";
import type { Decision } from "./gc/report.ts";
import type { OnProgress } from "./model/progress.ts";
import type { SnapshotStore } from "./model/store.ts";
import type { Point } from "./point.ts";
import { listPoints } from "./points.ts";
import { countPoints, type Fates, Findings } from "./stats/count_points.ts";
import { amountOf, describePoint } from "./stats/describe_point.ts";
import { groupPoints } from "./stats/group_points.ts";
import type { StatsReport } from "./stats/stats_report.ts";
import type { CountedPoint } from "./stats/version_counter.ts";

export type { RetentionTask } from "./gc.ts";
export type { Amount, Growth, Outlook, PointStats, StatsReport } from "./stats/stats_report.ts";

/** What to count, and how. */
export interface StatsOptions {
  /** Where the points are. */
  readonly store: SnapshotStore;
  /** Tell what gc would free by this. Default: that is not told. */
  readonly retention?: RetentionTask | undefined;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Told now and then of the versions that were read. */
  readonly onProgress?: OnProgress | undefined;
}

/**
 * What the points of a store hold: each alone and all together, what is new in each, and what gc
 * would free. Reads all points once, merged by key, in bounded memory; looks at no bucket.
 *
 * A point that cannot be read is told with what is wrong, and does not hide the others. But what only
 * one point names, and what gc would free, cannot be told next to it.
 *
 * @throws {InputError} when the policy holds no rule
 * @throws {StoreError} when the store does not answer
 *
 * @example
 * ```ts ignore
 * const { points } = await stats({ store });
 * for (const { id, growth } of points) console.log(id, growth?.added.bytes);
 * ```
 */
export async function stats(options: StatsOptions): Promise<StatsReport> {
  const began = performance.now();
  const { store, retention, signal = new AbortController().signal } = options;
  const items = await Array.fromAsync(listPoints(store, { signal }));
  const points = items.flatMap(({ point }) => point ?? []);
  const plan = retention ? planGc(points, retention) : { own: [], guests: [] };
  const found = new Findings();
  const fates = fatesOf(points, plan.own);
  for (const group of groupPoints(points)) {
    await countPoints(group, fates, found, { ...options, signal });
  }
  const isWhole = found.damaged.size === 0 && points.length === items.length;
  // Next to a point that cannot be read, gc would refuse.
  const decisions = new Map(
    [...plan.own, ...plan.guests].filter(() => isWhole).map((each) => [each.id, each]),
  );
  return {
    points: items.map((item) => describePoint(item, found, isWhole, decisions.get(item.id))),
    total: {
      ...amountOf(found.total),
      exclusive: isWhole ? amountOf(found.exclusive) : null,
      freed: decisions.size > 0 ? amountOf(found.freed) : null,
    },
    durationMs: Math.round(performance.now() - began),
  };
}

/** As gc has it: only what is decided against goes, and what is not marked as expired stays. */
function fatesOf(points: readonly Point[], own: readonly Decision[]): Fates {
  const stays = points.filter(({ expired }) => !expired).map(({ id }) => [id, "stays"] as const);
  const goes = own.filter(({ keep }) => !keep).map(({ id }) => [id, "goes"] as const);
  return new Map<string, CountedPoint["fate"]>([...stays, ...goes]);
}
