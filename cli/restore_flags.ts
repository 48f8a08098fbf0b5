import { momentOf, type TimeReference } from "../lib/model/time.ts";
import type { RestoreOptions } from "../lib/restore.ts";
import type { ThawTier } from "../lib/s3/thaw_version.ts";
import { warnOfEarlyMoment } from "./early_moment.ts";
import { UsageError } from "./errors.ts";
import type { Run } from "./run.ts";
import type { SelectionFlags } from "./selection_flags.ts";

/** What `restore` takes besides the snapshot. */
export interface RestoreFlags extends SelectionFlags {
  readonly at?: TimeReference | undefined;
  readonly to?: string | undefined;
  readonly toDir?: string | undefined;
  readonly delete?: true | undefined;
  readonly allowEmpty?: true | undefined;
  readonly undelete?: boolean | undefined;
  readonly dryRun?: true | undefined;
  readonly safetySnapshot: boolean;
  readonly thaw?: ThawTier | undefined;
  readonly thawDays?: number | undefined;
  readonly force?: true | undefined;
  readonly encryption?: string | undefined;
  readonly acl?: true | undefined;
  readonly stream?: true | undefined;
  readonly maxCopySize?: number | undefined;
  readonly allowOtherReplica?: true | undefined;
  readonly lock: boolean;
  readonly metrics?: string | undefined;
  readonly ping?: string | undefined;
}

/** The buckets of a restore. */
export type RestoreBuckets = Pick<RestoreOptions, "target" | "replica" | "toPrefix">;

/** What one option says must make sense next to the others. @throws {UsageError} */
export function assertTogether(
  snapshot: string | undefined,
  { at, undelete, to, allowOtherReplica, thaw, thawDays }: RestoreFlags,
): void {
  if ((snapshot === undefined) === (at === undefined)) {
    throw new UsageError(
      at === undefined
        ? "what is to be restored? Name a snapshot (see list-snapshots), or a time with --at"
        : "a snapshot and --at exclude each other: --at restores without a snapshot",
    );
  }
  if (at && allowOtherReplica) {
    throw new UsageError("--allow-other-replica is about a snapshot's: it does not go with --at");
  }
  if (thawDays !== undefined && thaw === undefined) {
    throw new UsageError("--thaw-days says how long --thaw lasts: give that, too");
  }
  if (undelete && to !== undefined) {
    throw new UsageError(
      "--undelete brings back what was deleted in the source, together with its replica: it does " +
        "not go with --to",
    );
  }
}

/** An age is resolved here, once, so that what is shown first is what is done then. */
export async function wantedOf(
  run: Run,
  snapshot: string | undefined,
  { at, safetySnapshot, dryRun, target, replica = target }:
    & Pick<RestoreFlags, "at" | "safetySnapshot" | "dryRun">
    & Pick<RestoreBuckets, "target" | "replica">,
): Promise<Pick<RestoreOptions, "snapshot" | "at" | "store">> {
  if (!at) return { ...(snapshot !== undefined && { snapshot }), store: await run.openStore() };
  const { serverNow } = await import("../lib/s3/server_time.ts");
  const now = "age" in at ? await serverNow(replica, { signal: run.signal }) : 0;
  const isStored = safetySnapshot && !dryRun || run.settings.store !== undefined;
  const moment = momentOf(at, now);
  if (!isStored) return { at: moment };
  const store = await run.openStore({ create: true });
  await warnOfEarlyMoment(run, moment, replica, store);
  return { at: moment, store };
}

/** Where versions are read from, and where they go. @throws {InputError} when a URL is none */
export async function bucketsOf(
  run: Run,
  to: string | undefined,
): Promise<RestoreBuckets> {
  const replica = run.openReplica();
  if (to === undefined) return { replica, target: run.openSource() };
  const { formatBucketUrl, parseBucketUrl } = await import("../lib/s3/bucket_url.ts");
  const { prefix, ...location } = parseBucketUrl(to);
  return {
    replica,
    target: run.openBucket(formatBucketUrl({ ...location, prefix: "" })),
    // `--to s3://bucket/restored` means the folder, whether its slash is written or not.
    ...(prefix !== "" && { toPrefix: prefix.endsWith("/") ? prefix : `${prefix}/` }),
  };
}
