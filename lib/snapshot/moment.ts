import { InputError } from "../model/errors.ts";
import { pause } from "../s3/pause.ts";
import type { Bucket } from "../s3/bucket.ts";
import { serverNow } from "../s3/server_time.ts";

/** Servers show their clock, and AWS dates versions, to the second. */
const RESOLUTION = 1000;

/** Waits so many milliseconds, or rejects with the signal's reason. */
export type Delay = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** How a moment is settled. */
export interface SettleMomentOptions {
  /** Milliseconds since 1970. Default: the second that the server's clock shows. */
  readonly at?: number | undefined;
  /** Default: a timer. */
  readonly delay?: Delay | undefined;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The moment that a snapshot shows, once nothing more can be written that is dated by it. While a
 * second lasts, a version may still come that is dated alike, of a key that was listed already. So
 * the moment is the end of the second in which the snapshot began, and waited for: what was written
 * before the call is in it, and what comes later is dated after it.
 *
 * @returns Milliseconds since 1970, by the server's clock.
 * @throws {InputError} when `at` is in the future, or no time
 */
export async function settleMoment(
  bucket: Bucket,
  { at, delay = pause, signal }: SettleMomentOptions,
): Promise<number> {
  const now = await serverNow(bucket, signal ? { signal } : {});
  const endOfSecond = now + RESOLUTION - 1;
  assertPast(at, endOfSecond);
  if (at === undefined || at >= now) await delay(RESOLUTION, signal);
  return at ?? endOfSecond;
}

function assertPast(at: number | undefined, now: number): void {
  if (at === undefined || at >= 0 && at <= now) return;
  const shown = Number.isFinite(at) ? new Date(at).toISOString() : at;
  throw new InputError(
    `what a bucket holds at ${shown} cannot be told: by its server's clock it is ` +
      `${new Date(now).toISOString()}; name a moment between 1970 and then`,
  );
}
