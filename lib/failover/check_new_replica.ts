/** Whether a bucket that was a source may be a replica, whose versions points name. */
import { BackupError, S3Error } from "../model/errors.ts";
import type { Bucket } from "../s3/bucket.ts";
import { type LifecycleRule, readLifecycle } from "../s3/lifecycle.ts";
import { sayCurrent, sayNoncurrent } from "../s3/lifecycle_words.ts";
import { requireVersioning } from "../s3/versioning.ts";

/** A lifecycle rule that takes what points of the new replica need. */
export interface ExpiringRule {
  /** The rule's own id; empty where it has none. */
  readonly id: string;
  /** What it does, for humans. */
  readonly says: string;
}

/** What the lifecycle of the new replica is. */
export interface NewReplicaLifecycle {
  /** The rules that are in the way. */
  readonly expiring: readonly ExpiringRule[];
  /** Why it could not be read; null when it was. */
  readonly problem: string | null;
}

/**
 * See that a bucket keeps its versions.
 *
 * @param allowExpiry Whether lifecycle rules that take versions, or that cannot be read, are only
 * told.
 * @throws {S3Error} `NotVersioned`, with the command that enables versioning; `LifecycleExpires`
 * with the rules; whatever the server refuses
 */
export async function checkNewReplica(
  bucket: Bucket,
  allowExpiry: boolean,
  abort: { readonly signal?: AbortSignal },
): Promise<NewReplicaLifecycle> {
  await assertVersioned(bucket, abort);
  const lifecycle = await lifecycleOf(bucket, abort);
  if (!allowExpiry) refuse(bucket, lifecycle);
  return lifecycle;
}

async function assertVersioned(
  bucket: Bucket,
  abort: { readonly signal?: AbortSignal },
): Promise<void> {
  try {
    await requireVersioning(bucket, abort);
  } catch (error) {
    if (!(error instanceof S3Error) || error.code !== "NotVersioned") throw error;
    const message = `${bucket.url} cannot become the replica: ${error.message}`;
    throw new S3Error(error.code, message, { cause: error });
  }
}

async function lifecycleOf(
  bucket: Bucket,
  abort: { readonly signal?: AbortSignal },
): Promise<NewReplicaLifecycle> {
  try {
    const rules = await readLifecycle(bucket, abort);
    return { expiring: rules.flatMap((rule) => expiringOf(rule, bucket)), problem: null };
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    return { expiring: [], problem: error.message };
  }
}

/** One that deletes current objects hides them in the replica, so that new points lack them. */
function expiringOf(rule: LifecycleRule, { prefix }: Bucket): ExpiringRule[] {
  if (!rule.prefix.startsWith(prefix) && !prefix.startsWith(rule.prefix)) return [];
  const says = [sayNoncurrent(rule), sayCurrent(rule)].filter((each) => each !== undefined);
  return [{ id: rule.id, says: says.join(", and ") }];
}

function refuse({ url }: Bucket, { expiring, problem }: NewReplicaLifecycle): void {
  if (problem !== null) {
    throw new S3Error(
      "LifecycleUnknown",
      `whether ${url} would keep what points of it will need as the replica, its lifecycle would ` +
        `say, which cannot be read: ${problem}. Allow that, or go on without (--allow-expiry)`,
    );
  }
  if (expiring.length === 0) return;
  const rules = expiring.map(({ id, says }) => `${JSON.stringify(id)} ${says}`).join("; ");
  throw new S3Error(
    "LifecycleExpires",
    `${url} would not keep what points of it will need as the replica, by its lifecycle: ${rules}. ` +
      `Take that out of its lifecycle, or go on and do it soon (--allow-expiry)`,
  );
}
