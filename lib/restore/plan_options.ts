import type { SnapshotStore } from "../model/store.ts";
import type { Bucket } from "../s3/bucket.ts";
import type { Delay } from "../snapshot/moment.ts";
import type { SelectOptions } from "./selection.ts";

/** What to bring back, from where and to where. */
export interface PlanRestoreOptions extends SelectOptions {
  /**
   * An id, an unambiguous beginning of one, or `latest` or `latest~N` of the replica. Either this or
   * `at` is needed.
   */
  readonly snapshot?: string;
  /**
   * In place of a snapshot, what the replica's own versions say it held at this moment: of each key
   * the newest version that is not dated after it. Milliseconds since 1970, by the server's clock.
   * S3 keeps no trace of versions that a lifecycle rule or gc has removed, so that an older one may
   * come back in the place of such a one; and it dates a multipart upload by its initiation.
   */
  readonly at?: number;
  /**
   * Where the snapshot is, and where a restore puts its safety snapshot. With `at` it may be left
   * out where no safety snapshot is taken; its snapshots tell then how to list by many ranges.
   */
  readonly store?: SnapshotStore;
  /** The bucket to restore. Its prefix limits what is touched. */
  readonly target: Bucket;
  /**
   * The bucket that holds the versions. Default: the target. A snapshot that was taken of the
   * target, such as one that an earlier restore made first, is restored from there all the same.
   */
  readonly replica?: Bucket;
  /** Put before each key in the target, so that `a/b` comes back as `restored/a/b`. Default: "". */
  readonly toPrefix?: string;
  /** Whether keys of the target that the snapshot lacks are deleted. Default: false. */
  readonly delete?: boolean;
  /**
   * Whether delete markers on top of what is wanted are removed, where that brings it back without
   * a copy: in the target and, where it is another bucket, in the replica, which must be the one
   * that the target is replicated to. Markers called `null` stay: in the target a copy goes on top
   * of them. Default: only if the target is its own replica.
   */
  readonly undelete?: boolean;
  /**
   * Read the versions from the replica though the snapshot names another bucket: the server got
   * another address, or the replica was moved with its version ids. Default: false.
   */
  readonly allowOtherReplica?: boolean;
  /** Restore what is left of a snapshot that gc has begun to remove. Default: false. */
  readonly allowExpired?: boolean;
  /**
   * Whether bytes that come from the replica are downloaded and uploaded, since its server cannot
   * copy them to the target. Default: only where the two are on two servers. Two accounts on one
   * server need it where neither is allowed to read in one bucket and write to the other.
   */
  readonly stream?: boolean;
  /** Waits until the second of `at`, or of the safety snapshot, is over. Default: a timer. */
  readonly delay?: Delay;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal;
}
