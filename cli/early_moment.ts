import type { SnapshotStore } from "../lib/model/store.ts";
import type { Bucket } from "../lib/s3/bucket.ts";
import type { Run } from "./run.ts";

/** Warn where gc may have deleted what a bucket held at a moment. */
export async function warnOfEarlyMoment(
  { log, signal }: Run,
  at: number,
  bucket: Bucket,
  store: SnapshotStore,
): Promise<void> {
  const { oldestPoint } = await import("../lib/oldest_point.ts");
  const oldest = await oldestPoint(store, bucket.identity(), { signal });
  // What is no moment at all is refused by whoever is to show it.
  if (!oldest || !(at >= 0 && at < oldest.asOf)) return;
  log.write(
    "warning",
    `${
      new Date(at).toISOString()
    } is before the oldest snapshot of ${bucket.url} in ${store.url} ` +
      `(${oldest.id}): with older ones gc may have deleted versions that were current then, so that ` +
      `what is left may be incomplete, or show older versions in their place`,
  );
}
