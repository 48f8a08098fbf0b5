/** Which restoration points a store holds: snapshots, and files of 2015. */
import { type ListedSnapshot, readManifests, SnapshotFinder } from "./index/catalog.ts";
import { readManifest } from "./index/snapshot_reader.ts";
import { scanLegacyFile } from "./legacy/legacy_file.ts";
import { LegacyFinder, type LegacyName } from "./legacy/legacy_finder.ts";
import { BackupError, SnapshotError } from "./model/errors.ts";
import { isListed } from "./model/get_listed.ts";
import {
  expiredMarkName,
  isSnapshotId,
  pinnedMarkName,
  snapshotIdTime,
} from "./model/snapshot_id.ts";
import type { SnapshotStore } from "./model/store.ts";
import { type Point, pointMainName, pointMarkName, snapshotPoint } from "./point.ts";

/** A snapshot's name tells the second in which the moment lies that it shows. */
const WHOLE_SECOND = 999;

/** How a store's points are looked for. */
export interface PointsOptions {
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal;
}

/** How all points of a store are read. */
export interface ListPointsOptions extends PointsOptions {
  /** Told of each that was listed, and was gone when it was to be read. Default: nobody is. */
  readonly onRemoved?: ((id: string) => void) | undefined;
}

/** A point of the store, or why it cannot be read. */
export type PointItem =
  & {
    readonly id: string;
    readonly kind: Point["kind"];
    /** Whether gc or delete has begun to remove it. */
    readonly expired: boolean;
    /** Whether it is kept whatever the retention policy says. */
    readonly pinned: boolean;
  }
  & (
    | { readonly point: Point; readonly error?: undefined }
    | { readonly point?: undefined; readonly error: BackupError }
  );

/**
 * The points of a store, oldest first; a damaged one with its error. Files of 2015 are read whole
 * to know what they hold, and damaged ones come first, since nothing says how old they are. Other
 * files in their directory are no points: what has neither such a name nor a Timestamp or Contents.
 *
 * One that is listed and not there is damaged. One that is not listed any more was removed meanwhile,
 * and is left out. What `onRemoved` throws is thrown.
 *
 * @throws {StoreError} when the store cannot be listed
 */
export async function* listPoints(
  store: SnapshotStore,
  options: ListPointsOptions = {},
): AsyncGenerator<PointItem> {
  const { snapshots, files } = await listNames(store, options);
  const legacy = await readLegacyPoints(store, files, options);
  let next = 0;
  for await (const listed of readManifests(store, snapshots, options)) {
    const { id, expired, pinned, manifest, error } = listed;
    const what = { id, kind: "snapshot", expired, pinned } as const;
    const item: PointItem = manifest
      ? { ...what, point: snapshotPoint(manifest, listed) }
      : { ...what, error };
    const asOf = snapshotIdTime(id) + WHOLE_SECOND;
    while (next < legacy.length && !isAfter(legacy[next]!, asOf)) yield legacy[next++]!;
    yield item;
  }
  yield* legacy.slice(next);
}

/** Both kinds in one listing, which asks a directory for the size of each of its files. */
async function listNames(
  store: SnapshotStore,
  options: PointsOptions,
): Promise<{ readonly snapshots: ListedSnapshot[]; readonly files: LegacyName[] }> {
  const snapshots = new SnapshotFinder(), files = new LegacyFinder();
  for await (const { name } of store.list(options)) {
    snapshots.see(name);
    files.see(name);
  }
  return { snapshots: snapshots.found(), files: files.found() };
}

/** A damaged file is after nothing. */
function isAfter({ point }: PointItem, time: number): boolean {
  return point !== undefined && point.asOf > time;
}

/**
 * One point by its whole id.
 *
 * @throws {SnapshotError} `UnknownSnapshot`, `CorruptSnapshot`, `NewerFormat`
 * @throws {StoreError} when the store does not answer
 */
export async function openPoint(
  store: SnapshotStore,
  id: string,
  options: PointsOptions = {},
): Promise<Point> {
  if (isSnapshotId(id)) {
    const manifest = await readManifest(store, id, options);
    return snapshotPoint(manifest, {
      expired: await isListed(store, expiredMarkName(id), options),
      pinned: await isListed(store, pinnedMarkName(id), options),
    });
  }
  const found = (await listLegacyNames(store, options)).find(({ name }) => name === id);
  if (found) return await readLegacyPoint(store, found, options);
  throw new SnapshotError(
    "UnknownSnapshot",
    `there is no snapshot ${JSON.stringify(id)} in ${store.url}`,
  );
}

/**
 * Whether gc or delete has begun to remove a point since it was opened, or has removed it whole.
 *
 * @throws {StoreError} when the store does not answer
 */
export async function isExpiredNow(
  store: SnapshotStore,
  point: Pick<Point, "id" | "kind">,
  options: PointsOptions = {},
): Promise<boolean> {
  // The mark goes last: where there is none, what makes the point exist tells.
  return await isListed(store, pointMarkName(point), options) ||
    !await isListed(store, pointMainName(point), options);
}

/** The files of a store that may be of 2015, by their names. @throws {StoreError} */
export async function listLegacyNames(
  store: SnapshotStore,
  options: PointsOptions,
): Promise<LegacyName[]> {
  const finder = new LegacyFinder();
  for await (const { name } of store.list(options)) finder.see(name);
  return finder.found();
}

async function readLegacyPoints(
  store: SnapshotStore,
  files: readonly LegacyName[],
  options: ListPointsOptions,
): Promise<PointItem[]> {
  const items: PointItem[] = [];
  for (const found of files) {
    const item = await tryLegacyPoint(store, found, options);
    if (item) items.push(item);
  }
  return items.sort((a, b) => (a.point?.asOf ?? -1) - (b.point?.asOf ?? -1));
}

/** Undefined for one that was removed meanwhile, or is no snapshot at all. */
async function tryLegacyPoint(
  store: SnapshotStore,
  found: LegacyName,
  options: ListPointsOptions,
): Promise<PointItem | undefined> {
  const { name: id, expired } = found;
  const what = { id, kind: "legacy", expired, pinned: false } as const;
  try {
    return { ...what, point: await readLegacyPoint(store, found, options) };
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    if (error.code === "NotFound") options.onRemoved?.(id);
    else if (error.code !== "UnknownSnapshot") return { ...what, error };
  }
}

async function readLegacyPoint(
  store: SnapshotStore,
  { name, expired }: LegacyName,
  { signal }: PointsOptions,
): Promise<Point> {
  const { timestamp, objects, bytes } = await scanLegacyFile(store, name, () => {}, signal);
  const totals = { objects, bytes };
  return {
    id: name,
    kind: "legacy",
    asOf: timestamp,
    createdAt: timestamp,
    totals,
    expired,
    pinned: false,
  };
}
