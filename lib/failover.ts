import { checkNewReplica, type NewReplicaLifecycle } from "./failover/check_new_replica.ts";
import { InputError, S3Error } from "./model/errors.ts";
import type { OnProgress } from "./model/progress.ts";
import type { Bucket } from "./s3/bucket.ts";
import { deleteReplication, putReplication, readReplication } from "./s3/replication.ts";
import { type TurnedReplication, turnReplication } from "./s3/turn_replication.ts";
import { requireVersioning } from "./s3/versioning.ts";
import type { Delay } from "./snapshot/moment.ts";
import { sync } from "./sync.ts";

/** Two buckets that are to change their roles. */
export interface FailoverOptions {
  /** The bucket that applications write to until now; it becomes the replica. */
  readonly source: Bucket;
  /** Its replica, which becomes the source. */
  readonly replica: Bucket;
  /**
   * The source is not to be had: nothing is compared, nothing is known of its versioning and its
   * lifecycle, and it is not told to replicate no more. Default: false.
   */
  readonly sourceLost?: boolean;
  /**
   * ARN of the role that S3 takes on to replicate in the other direction. Default: that of the
   * replication until now.
   */
  readonly role?: string;
  /** Whether S3 is told to replicate in the other direction. Default: it is only said how. */
  readonly apply?: boolean;
  /**
   * Go on though the source, which becomes the replica, has lifecycle rules that delete what points
   * of it will need, or though its lifecycle cannot be read. Default: false.
   */
  readonly allowExpiry?: boolean;
  /** Only find out whether it can be done: nothing is changed. Default: false. */
  readonly dryRun?: boolean;
  /** Waits for the end of a second. Default: a timer. */
  readonly delay?: Delay;
  /**
   * Called once all was found well, which may take its time, and before anything is changed. What
   * it throws stops the failover. Default: nothing is asked.
   */
  readonly beforeChange?: () => Promise<void>;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal;
  /** Told how far the comparison is. */
  readonly onProgress?: OnProgress;
}

/** What a failover found and did. */
export interface FailoverReport {
  /** URL of the bucket that is the source now. */
  readonly source: string;
  /** URL of the one that is its replica now. */
  readonly replica: string;
  /** Objects of the old source that were compared; null when it was lost. */
  readonly objects: number | null;
  /** Objects that the new source has, and the old one lacked. */
  readonly extra: number;
  /**
   * What S3 is told of the new source: the replication in the other direction, beside whatever rules
   * it has. Null when no role is known.
   */
  readonly replication: object | null;
  /**
   * What S3 is told of the old source: its rules for other keys or other buckets. Null when none is
   * left, so that its replication is deleted, and where it is not asked.
   */
  readonly oldReplication: object | null;
  /** What would take versions from the new replica; null when it was lost. */
  readonly lifecycle: NewReplicaLifecycle | null;
  /** Whether S3 was told that of both. */
  readonly applied: boolean;
}

/**
 * See that a replica holds everything that its source last held, so that it can take its place, and
 * have S3 replicate in the other direction. Whatever names the two buckets has to name them the
 * other way round afterwards.
 *
 * @throws {InputError} when the replica is limited to a prefix that the source goes beyond, or the
 * role is no ARN of one
 * @throws {S3Error} `NotVersioned` when one of them is not, `LifecycleExpires` or `LifecycleUnknown` when
 * the source may not keep what points of it will need; `ReplicaBehind`, with a count, when something is missing in the replica;
 * `ForeignReplication` when rules about something else would not stay as they are; when a
 * bucket cannot be listed, or S3 refuses the replication
 *
 * @example
 * ```ts ignore
 * const { replication } = await failover({ source, replica });
 * ```
 */
export async function failover(options: FailoverOptions): Promise<FailoverReport> {
  const { source, replica, sourceLost = false, signal } = options;
  const { apply: isApplying = false, dryRun = false } = options;
  const abort = signal ? { signal } : {};
  assertWhole(source, replica);
  if (options.role !== undefined) assertRole(options.role);
  await requireVersioning(replica, abort);
  const lifecycle = sourceLost
    ? null
    : await checkNewReplica(source, options.allowExpiry ?? false, abort);
  // What cannot be done is said before a comparison that takes its time.
  if (!await turn(options) && isApplying) throw noRole(source);
  const compared = sourceLost ? { objects: null, extra: 0 } : await compare(options);
  if (!dryRun) await options.beforeChange?.();
  const turned = await turn(options);
  const applied = isApplying && turned !== undefined && !dryRun;
  if (applied) await applyTurned(options, turned);
  return {
    ...{ source: replica.url, replica: source.url, ...compared },
    replication: turned?.ofReplica ?? null,
    oldReplication: turned?.ofSource ?? null,
    lifecycle,
    applied,
  };
}

/** An account's number is there on AWS; other servers may have none. */
function assertRole(role: string): void {
  if (/^arn:[^:\s]+:iam::[^:\s]*:role\/\S+$/.test(role)) return;
  throw new InputError(
    `${JSON.stringify(role)} is no ARN of a role: use arn:aws:iam::ACCOUNT:role/NAME`,
  );
}

/** Undefined when no role is known. */
async function turn(options: FailoverOptions): Promise<TurnedReplication | undefined> {
  const { source, replica, sourceLost, signal } = options;
  const abort = signal ? { signal } : {};
  const ofSource = sourceLost ? undefined : await readReplication(source, abort);
  const role = options.role ?? ofSource?.Role;
  if (role === undefined) return;
  const ofReplica = await readReplication(replica, abort);
  return turnReplication({ source, replica, role, ofSource, ofReplica });
}

/** In this order, so that S3's refusal leaves everything as it was, the role above all. */
async function applyTurned(
  { source, replica, sourceLost, signal }: FailoverOptions,
  { ofSource, ofReplica }: TurnedReplication,
): Promise<void> {
  const abort = signal ? { signal } : {};
  await putReplication(replica, ofReplica, abort);
  if (sourceLost) return;
  if (ofSource) await putReplication(source, ofSource, abort);
  else await deleteReplication(source, abort);
}

/** A comparison sees the keys that both have. @throws {InputError} when the source has others */
function assertWhole(source: Bucket, replica: Bucket): void {
  if (source.prefix.startsWith(replica.prefix)) return;
  throw new InputError(
    `${replica.url} is limited to keys that begin with ${JSON.stringify(replica.prefix)}, and ` +
      `${source.url} is not: it cannot take the place of what it does not hold`,
  );
}

async function compare(
  { source, replica, delay, signal, onProgress }: FailoverOptions,
): Promise<Pick<FailoverReport, "objects" | "extra">> {
  const { objects, copied, archived, bytesCopied, extra } = await sync({
    source,
    replica,
    delete: false,
    dryRun: true,
    ...(delay && { delay }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  signal?.throwIfAborted();
  const missing = copied + archived;
  if (missing === 0) return { objects, extra };
  throw new S3Error(
    "ReplicaBehind",
    `${replica.url} lacks ${missing} of ${objects} objects of ${source.url}, ${bytesCopied} ` +
      `bytes: wait for S3 to replicate them, or copy them with sync; then try again`,
  );
}

function noRole(source: Bucket): S3Error {
  return new S3Error(
    "NoReplicationRole",
    `${source.url} was not replicated by S3, so that no role for it is known: name one that may ` +
      `read the new source and write to the new replica (--role ARN), or go without (no --apply)`,
  );
}
