/**
 * Point-in-time snapshots of versioned S3 buckets, and the way back.
 *
 * @example Take a snapshot, and bring the bucket back to it
 * ```ts ignore
 * import { openBucket, openStore, restore, snapshot } from "@backup-my-bucket/backup-my-bucket";
 *
 * await using source = openBucket("s3://photos?region=eu-west-1");
 * await using replica = openBucket("s3://photos-replica?region=eu-central-1");
 * await using store = await openStore("file:///var/backups/photos");
 *
 * const { id } = await snapshot({ bucket: replica, store, label: "before the migration" });
 * // ... something goes wrong ...
 * const report = await restore({ snapshot: id, store, replica, target: source, delete: true });
 * for (const { key, message } of report.failed) console.error(key, message);
 * ```
 *
 * @module
 */
export { VERSION } from "./lib/model/version.ts";

// Buckets and stores
export { Bucket, type BucketOptions, openBucket } from "./lib/s3/bucket.ts";
export { type BucketLocation, formatBucketUrl, parseBucketUrl } from "./lib/s3/bucket_url.ts";
export type { Credentials } from "./lib/s3/connect.ts";
export { openStore, type OpenStoreOptions } from "./backends/open_store.ts";
export type {
  OpenStoreDriver,
  OpenStoreOptions as StoreDriverOptions,
  SnapshotStoreDriver,
} from "./lib/model/store_driver.ts";
export type { PutOptions, SnapshotStore, StoreItem } from "./lib/model/store.ts";

// Operations
export { snapshot, type SnapshotOptions, type SnapshotReport } from "./lib/snapshot.ts";
export type { ReuseLimits } from "./lib/index/range_updater.ts";
export {
  listSnapshots,
  type ListSnapshotsOptions,
  type SnapshotRow,
} from "./lib/list_snapshots.ts";
export {
  readSnapshot,
  readSnapshotBatches,
  type ReadSnapshotOptions,
} from "./lib/read_snapshot.ts";
export {
  type CopiedSnapshot,
  copySnapshots,
  type CopySnapshotsOptions,
} from "./lib/copy_snapshots.ts";
export { type Change, diff, diffBatches, type DiffOptions } from "./lib/diff.ts";
export { type DiffStat, diffStat } from "./lib/diff/stat.ts";
export { planRestore, type PlanRestoreOptions } from "./lib/restore_plan.ts";
export type { SelectOptions } from "./lib/restore/selection.ts";
export {
  ABSENT,
  COPY,
  COPY_ARCHIVED,
  COPY_OWN,
  DELETE,
  MISSING,
  REMOVE_MARKER,
  REMOVE_REPLICA_MARKER,
  type RestoreAction,
  type RestoreBatch,
} from "./lib/restore/restore_batch.ts";
export { restore, type RestoreOptions } from "./lib/restore.ts";
export type { RestoreFailure } from "./lib/restore/restore_failure.ts";
export type { Unmatched } from "./lib/restore/selector_hits.ts";
export {
  type ArchivedTier,
  IncompleteRestoreError,
  type RestoreReport,
} from "./lib/restore/restore_report.ts";
export { sync, type SyncOptions } from "./lib/sync.ts";
export type { OnFailure } from "./lib/restore/failures.ts";
export {
  syncAndSnapshot,
  type SyncAndSnapshotOptions,
  type SyncAndSnapshotReport,
} from "./lib/sync_and_snapshot.ts";
export type { PlanSummary } from "./lib/restore/plan_summary.ts";
export type { RequestCounts } from "./lib/s3/copy_requests.ts";
export { download, type DownloadOptions } from "./lib/download.ts";
export { keyOfPath } from "./lib/download/key_path.ts";
export { failover, type FailoverOptions, type FailoverReport } from "./lib/failover.ts";
export type { ExpiringRule, NewReplicaLifecycle } from "./lib/failover/check_new_replica.ts";
export {
  gc,
  type GcOptions,
  type GcReport,
  type OtherBucket,
  type PointReport,
  type PointState,
} from "./lib/gc.ts";
export type { UnreferencedReport, VersionTotals } from "./lib/gc/report.ts";
export {
  type Amount,
  type Growth,
  type Outlook,
  type PointStats,
  type RetentionTask,
  stats,
  type StatsOptions,
  type StatsReport,
} from "./lib/stats.ts";
export type { CollectSettings } from "./lib/gc/collect.ts";
export type { RetentionPolicy } from "./lib/model/retention_policy.ts";
export type { DeleteFailure, VersionToDelete } from "./lib/s3/delete_batch.ts";
export { deleteSnapshots, type DeleteSnapshotsOptions } from "./lib/delete_snapshots.ts";
export { type PinOptions, pinSnapshot, unpinSnapshot } from "./lib/pin_snapshots.ts";
export {
  type DataReport,
  type Leftover,
  type LifecycleFinding,
  type LostVersion,
  type RuleSuspicion,
  type UncheckedCounts,
  type VerifiedPoint,
  type VerifiedState,
  verify,
  type VerifyOptions,
  type VerifyReport,
} from "./lib/verify.ts";
export { unlock, type UnlockOptions, type UnlockReport } from "./lib/unlock.ts";
export type { LockRecord } from "./lib/lock.ts";
export type { OnProgress, Progress } from "./lib/model/progress.ts";

export type { Delay } from "./lib/snapshot/moment.ts";

export type { ThawTier } from "./lib/s3/thaw_version.ts";

// What snapshots hold
export type { BucketIdentity } from "./lib/model/manifest.ts";
export type { Entry } from "./lib/model/entry.ts";
export { type ByteColumn, entryAt, type EntryBatch, textAt } from "./lib/model/entry_batch.ts";

// Errors
export {
  BackupError,
  InputError,
  LockError,
  type LockErrorCode,
  S3Error,
  SnapshotError,
  type SnapshotErrorCode,
  StoreError,
  type StoreErrorCode,
} from "./lib/model/errors.ts";
