import { type Bucket, type BucketOptions, openBucket } from "../lib/s3/bucket.ts";
import type { Emulator } from "./emulator/emulator.ts";

/** A handle on a bucket of the emulator. */
export function openEmulated(
  { url, region, accessKeyId, secretAccessKey }: Emulator,
  name: string,
  options: BucketOptions = {},
): Bucket {
  const credentials = { accessKeyId, secretAccessKey };
  const defaults = { credentials, retryPause: 1 };
  return openBucket(`s3://${name}?region=${region}&endpoint=${url}`, { ...defaults, ...options });
}

/** A handle on whatever answers at `port` of this machine. */
export function openLocal(port: number, options: BucketOptions = {}): Bucket {
  const credentials = { accessKeyId: "test", secretAccessKey: "testtest" };
  const defaults = { credentials, maxAttempts: 1, retryPause: 1 };
  const url = `s3://bucket?region=us-east-1&endpoint=http://127.0.0.1:${port}`;
  return openBucket(url, { ...defaults, ...options });
}
