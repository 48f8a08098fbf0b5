import { identityUrl } from "./bucket_identity.ts";
import type { Change } from "./diff/change.ts";
import { compareEntries } from "./diff/compare_entries.ts";
import { withoutEqualParts } from "./diff/unequal_parts.ts";
import type { EntryBatch } from "./model/entry_batch.ts";
import { InputError } from "./model/errors.ts";
import type { SnapshotStore } from "./model/store.ts";
import { type Point, readPoint } from "./point.ts";
import { bucketOfPoint } from "./point_bucket.ts";
import { openPoint } from "./points.ts";
import { resolvePoint } from "./resolve_point.ts";
import type { Bucket } from "./s3/bucket.ts";
import { listInOrder } from "./s3/list_in_order.ts";
import { selectCurrent } from "./select_current.ts";

export type { Change } from "./diff/change.ts";

/** What is compared with what. */
export interface DiffOptions {
  /** Where the snapshots are. */
  readonly store: SnapshotStore;
  /** The earlier point: an id, an unambiguous beginning of one, `latest`, or `latest~N`. */
  readonly from: string;
  /** The later one. Left out: the bucket that `from` is of, as it is now. */
  readonly to?: string;
  /**
   * The buckets that `from` may be of, such as a replica and its source; a file of 2015, which does
   * not say, is taken to be of the first, and `latest` counts the first one's points only. Needed
   * without `to`.
   */
  readonly buckets?: readonly Bucket[];
  /** Only keys that begin with it. Default: all that both sides speak about. */
  readonly prefix?: string;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * What lies between two snapshots, or between a snapshot and its bucket as it is now: keys that were
 * added, removed or changed, in key order, in bounded memory. Parts that both snapshots have, which
 * their manifests tell, are not read.
 *
 * A key has not changed when both sides have the same version of one size there, or another version
 * with the same ETag and size: what a restore leaves alone is no difference. Where an ETag is not
 * known, as in a file of 2015, the version has to be the same one; `null`, which is no version's
 * own name, has to be dated alike then.
 *
 * A snapshot of a prefix says nothing about other keys, so these are left out.
 *
 * @throws {SnapshotError} `UnknownSnapshot`, `AmbiguousSnapshot`, `CorruptSnapshot`
 * @throws {InputError} when the snapshot is of another bucket, or there is no key that both sides
 * and `prefix` speak about
 * @throws {S3Error} when the bucket cannot be listed
 * @throws {StoreError} when the store does not answer
 *
 * @example
 * ```ts ignore
 * for await (const { change, key } of diff({ store, from: "latest~1", to: "latest" })) {
 *   console.log(change, key);
 * }
 * ```
 */
export async function* diff(options: DiffOptions): AsyncGenerator<Change> {
  for await (const changes of diffBatches(options)) yield* changes;
}

/**
 * As {@linkcode diff}, up to a thousand changes at a time, which is faster where there are millions.
 * No batch is empty.
 *
 * @example
 * ```ts ignore
 * let changes = 0;
 * for await (const batch of diffBatches({ store, from: "latest~1", to: "latest" })) {
 *   changes += batch.length;
 * }
 * ```
 */
export async function* diffBatches(options: DiffOptions): AsyncGenerator<Change[]> {
  const { store, from, to, buckets = [], signal } = options;
  const abort = signal ? { signal } : {};
  const of = to === undefined && buckets[0] ? { of: buckets[0].identity() } : {};
  const a = await openPoint(store, await resolvePoint(store, from, { ...abort, ...of }), abort);
  if (to === undefined) return yield* diffWithBucket(a, options);
  const b = await openPoint(store, await resolvePoint(store, to, abort), abort);
  yield* diffPoints(a, b, options);
}

function diffPoints(
  a: Point,
  b: Point,
  { store, prefix = "", signal }: DiffOptions,
): AsyncGenerator<Change[]> {
  const scope = commonScope([prefix, a.bucket?.prefix, b.bucket?.prefix]);
  const [before, after] = withoutShared(a, b);
  const how = { prefix: scope, ...(signal && { signal }) };
  return compareEntries(readPoint(store, before, how), readPoint(store, after, how));
}

function withoutShared(a: Point, b: Point): [Point, Point] {
  if (!a.manifest || !b.manifest) return [a, b];
  const [before, after] = withoutEqualParts(a.manifest, b.manifest);
  return [{ ...a, manifest: before }, { ...b, manifest: after }];
}

function diffWithBucket(
  point: Point,
  { store, buckets = [], prefix = "", signal }: DiffOptions,
): AsyncGenerator<Change[]> {
  const bucket = bucketOfPoint(point, buckets);
  if (!bucket) throw otherBucket(point, buckets);
  const scope = commonScope([prefix, point.bucket?.prefix, bucket.prefix]);
  const abort = signal ? { signal } : {};
  return compareEntries(
    readPoint(store, point, { prefix: scope, ...abort }),
    currentEntries(bucket, scope, point, abort),
  );
}

/** The bucket is cut where the snapshot's keys are, to be read by many ranges. */
function currentEntries(
  bucket: Bucket,
  scope: string,
  { manifest }: Point,
  abort: { readonly signal?: AbortSignal },
): AsyncGenerator<EntryBatch> {
  const splitKeys = manifest?.parts.flatMap((part) => part.splitKeys) ?? [];
  const prefix = scope.slice(bucket.prefix.length);
  return selectCurrent(listInOrder(bucket, { prefix, splitKeys, ...abort }), Infinity);
}

/** The keys that all of them allow. */
function commonScope(prefixes: readonly (string | undefined)[]): string {
  return prefixes.reduce<string>((scope, bound = "") => {
    if (bound.startsWith(scope)) return bound;
    if (scope.startsWith(bound)) return scope;
    throw new InputError(
      `no key begins with both ${JSON.stringify(scope)} and ${JSON.stringify(bound)}, to which ` +
        `what is compared is limited`,
    );
  }, "");
}

function otherBucket({ id, bucket }: Point, buckets: readonly Bucket[]): InputError {
  const given = buckets.length === 0
    ? "no bucket is given to compare it with"
    : `not of ${buckets.map(({ url }) => url).join(" or ")}`;
  const own = bucket ? `of ${identityUrl(bucket)}` : "of a bucket that it does not name";
  return new InputError(
    `snapshot ${id} is ${own}, ${given}: name that bucket, or a second snapshot to compare with`,
  );
}
