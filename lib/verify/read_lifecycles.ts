import { BackupError } from "../model/errors.ts";
import type { Bucket } from "../s3/bucket.ts";
import { type LifecycleRule, readLifecycle } from "../s3/lifecycle.ts";
import { serverNow } from "../s3/server_time.ts";

/** What is known of a bucket's lifecycle. */
export interface LifecycleFinding {
  /** URL of the bucket. */
  readonly bucket: string;
  /** `none`: no rule of the bucket deletes anything. `unreadable`: `problem` says why. */
  readonly state: "read" | "none" | "unreadable";
  /** Null unless it cannot be read. */
  readonly problem: string | null;
}

/** A bucket's lifecycle, as it is now. */
export interface Lifecycle {
  readonly bucket: Bucket;
  readonly rules: readonly LifecycleRule[];
  /** The server's clock, in milliseconds since 1970. */
  readonly now: number;
  readonly finding: LifecycleFinding;
}

/** The lifecycles of buckets. One that must not be read is no failure: the finding says so. */
export async function readLifecycles(
  buckets: Iterable<Bucket>,
  signal: AbortSignal,
): Promise<Lifecycle[]> {
  const lifecycles: Lifecycle[] = [];
  for (const bucket of buckets) {
    const now = await serverNow(bucket, { signal });
    lifecycles.push({ bucket, now, ...await tryLifecycle(bucket, signal) });
  }
  return lifecycles;
}

async function tryLifecycle(
  bucket: Bucket,
  signal: AbortSignal,
): Promise<Pick<Lifecycle, "rules" | "finding">> {
  const { url } = bucket;
  try {
    const rules = await readLifecycle(bucket, { signal });
    const state = rules.length > 0 ? "read" : "none";
    return { rules, finding: { bucket: url, state, problem: null } };
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    const { message: problem } = error;
    return { rules: [], finding: { bucket: url, state: "unreadable", problem } };
  }
}
