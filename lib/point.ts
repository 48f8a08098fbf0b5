import { readEntries } from "./index/snapshot_reader.ts";
import { legacyMarkName } from "./legacy/legacy_name.ts";
import { readLegacyEntries } from "./legacy/legacy_reader.ts";
import type { EntryBatch } from "./model/entry_batch.ts";
import type { BucketIdentity, Manifest } from "./model/manifest.ts";
import { expiredMarkName, manifestName } from "./model/snapshot_id.ts";
import type { SnapshotStore } from "./model/store.ts";

/** A restoration point: a snapshot, or a file that the program of 2015 wrote. */
export interface Point {
  /** The snapshot's id, or the file's name. */
  readonly id: string;
  readonly kind: "snapshot" | "legacy";
  /** The moment it shows, in milliseconds since 1970. */
  readonly asOf: number;
  /** When it was finished, in milliseconds since 1970. */
  readonly createdAt: number;
  /** Where its versions are. A file of 2015 does not say: in the replica it is used with. */
  readonly bucket?: BucketIdentity;
  readonly totals: { readonly objects: number; readonly bytes: number };
  readonly label?: string;
  /** The snapshot whose restore it makes undoable. */
  readonly safetyFor?: string;
  /** Whether gc or delete has begun to remove it, so that versions may be gone. */
  readonly expired: boolean;
  /** Whether it is kept whatever the retention policy says. */
  readonly pinned: boolean;
  /** Of a snapshot only. */
  readonly manifest?: Manifest;
}

/** A snapshot as a point. */
export function snapshotPoint(
  manifest: Manifest,
  { expired, pinned }: Pick<Point, "expired" | "pinned">,
): Point {
  const { id, bucket, totals, label, safetyFor } = manifest;
  return {
    id,
    kind: "snapshot",
    asOf: Date.parse(manifest.asOf),
    createdAt: Date.parse(manifest.createdAt),
    bucket,
    totals,
    ...(label !== undefined && { label }),
    ...(safetyFor !== undefined && { safetyFor }),
    expired,
    pinned,
    manifest,
  };
}

/** Which entries of a point are read. */
export interface ReadPointOptions {
  /** Only keys that begin with it. Default: all. */
  readonly prefix?: string;
  /** Only keys that sort after it. Default: all. */
  readonly after?: string;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * The entries of a point in key order, checked. Those of a file of 2015 have no ETag, and are all
 * called STANDARD.
 *
 * @throws {SnapshotError} `CorruptSnapshot` naming the file and what is wrong with it
 * @throws {StoreError} when the store does not answer
 */
export function readPoint(
  store: SnapshotStore,
  point: Point,
  options: ReadPointOptions = {},
): AsyncGenerator<EntryBatch> {
  return point.manifest
    ? readEntries(store, point.manifest, options)
    : readLegacyEntries(store, point.id, options);
}

/** The name in the store whose presence says that gc has begun to remove the point. */
export function pointMarkName({ id, kind }: Pick<Point, "id" | "kind">): string {
  return kind === "legacy" ? legacyMarkName(id) : expiredMarkName(id);
}

/** The name in the store whose presence makes the point exist. */
export function pointMainName({ id, kind }: Pick<Point, "id" | "kind">): string {
  return kind === "legacy" ? id : manifestName(id);
}

/**
 * The names in the store that make up a point, in the order in which they have to go: first what
 * makes it exist, last the mark.
 */
export async function pointFiles(
  store: SnapshotStore,
  point: Pick<Point, "id" | "kind">,
  options: { readonly signal?: AbortSignal } = {},
): Promise<string[]> {
  const mark = pointMarkName(point);
  const main = pointMainName(point);
  if (point.kind === "legacy") return [main, mark];
  const others: string[] = [];
  for await (const { name } of store.list({ ...options, prefix: `${point.id}/` })) {
    if (name !== main && name !== mark) others.push(name);
  }
  return [main, ...others, mark];
}
