import { isSameBucket } from "./bucket_identity.ts";
import { isSameSeries } from "./gc/series.ts";
import { listSnapshots } from "./index/catalog.ts";
import { resolveSnapshot } from "./index/resolve_snapshot.ts";
import { SnapshotError } from "./model/errors.ts";
import type { BucketIdentity } from "./model/manifest.ts";
import type { SnapshotStore } from "./model/store.ts";
import type { Point } from "./point.ts";
import { listLegacyNames, listPoints, openPoint, type PointsOptions } from "./points.ts";

/** Which point is meant. */
export interface ResolvePointOptions extends PointsOptions {
  /**
   * `latest` counts only points that may name versions of this bucket, since a store may hold those
   * of several. Default: all.
   */
  readonly of?: BucketIdentity;
  /** Whether these must be of exactly the same keys, as those that gc judges together. Default: no. */
  readonly exactly?: boolean;
}

const LATEST = /^latest(?:~(\d+))?$/;
/** Points that a message names. */
const NAMED_IN_MESSAGES = 3;

/**
 * The point that a user means: an id or a file's name, a beginning that one of them has, `latest`,
 * or `latest~N` for the Nth before it. `latest` counts neither the snapshots that restores made of
 * what they were about to change, nor those that gc has begun to remove.
 *
 * @throws {SnapshotError} `UnknownSnapshot`; `AmbiguousSnapshot`; what reading a point throws, so
 * that `latest` never quietly means an older one
 * @throws {StoreError} when the store does not answer
 */
export async function resolvePoint(
  store: SnapshotStore,
  reference: string,
  options: ResolvePointOptions = {},
): Promise<string> {
  const latest = LATEST.exec(reference);
  if (latest) return await nthLatest(store, reference, Number(latest[1] ?? 0), options);
  const legacy = (await listLegacyNames(store, options)).map(({ name }) => name);
  if (legacy.includes(reference)) return reference;
  const matches = legacy.filter((name) => reference !== "" && name.startsWith(reference));
  if (matches.length === 0) return await resolveSnapshot(store, reference, options);
  for (const { id } of await listSnapshots(store, options)) {
    if (id.startsWith(reference)) matches.push(id);
  }
  if (matches.length === 1) return matches[0]!;
  throw ambiguous(store, reference, matches);
}

function ambiguous(
  store: SnapshotStore,
  reference: string,
  matches: readonly string[],
): SnapshotError {
  const named = matches.slice(0, NAMED_IN_MESSAGES).join(", ");
  return new SnapshotError(
    "AmbiguousSnapshot",
    `${matches.length} snapshots in ${store.url} begin with ${
      JSON.stringify(reference)
    }: ${named}` +
      `${matches.length > NAMED_IN_MESSAGES ? ", ..." : ""}; give more of the name`,
  );
}

async function nthLatest(
  store: SnapshotStore,
  reference: string,
  back: number,
  { of, exactly = false, ...options }: ResolvePointOptions,
): Promise<string> {
  const isMeant = exactly ? isSameSeries : mayBeOf;
  let left = back;
  for await (const point of newestFirst(store, options)) {
    if (point.expired || point.safetyFor !== undefined) continue;
    if (of && point.bucket && !isMeant(point.bucket, of)) continue;
    if (left-- === 0) return point.id;
  }
  throw new SnapshotError(
    "UnknownSnapshot",
    `there is no snapshot ${reference}${of ? ` of bucket ${of.name}` : ""} in ${store.url}; see ` +
      `what there is with "backup-my-bucket list-snapshots"`,
  );
}

/** Throws at a point that cannot be read. */
async function* newestFirst(
  store: SnapshotStore,
  options: PointsOptions,
): AsyncGenerator<Omit<Point, "manifest">> {
  if ((await listLegacyNames(store, options)).length === 0) {
    for (const { id, expired } of (await listSnapshots(store, options)).reverse()) {
      if (!expired) yield await openPoint(store, id, options);
    }
    return;
  }
  // Manifests may be large, and there may be thousands.
  const points = await Array.fromAsync(listPoints(store, options), ({ expired, point, error }) => {
    if (!point) return { expired, error };
    const { manifest: _, ...rest } = point;
    return { expired, point: rest };
  });
  for (const { expired, point, error } of points.reverse()) {
    if (point) yield point;
    else if (!expired) throw error;
  }
}

/** The same bucket, and keys that both can hold. */
function mayBeOf(a: BucketIdentity, b: BucketIdentity): boolean {
  const mine = a.prefix ?? "", theirs = b.prefix ?? "";
  return isSameBucket(a, b) && (mine.startsWith(theirs) || theirs.startsWith(mine));
}
