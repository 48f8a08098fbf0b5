import { env } from "node:process";
import type { S3Client, S3ClientConfig } from "npm:@aws-sdk/client-s3@3.1169.0";
import { type Bucket, type BucketOptions, openBucket } from "../../lib/s3/bucket.ts";

/** The environment's, or those of the embedded S3 and of the test gateway. */
export const CREDENTIALS = {
  accessKeyId: env.AWS_ACCESS_KEY_ID ?? "test",
  secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "testtest",
};
/** Where every server of a benchmark is. */
export const REGION = "us-east-1";

/** Which bucket a task is about. */
export interface BucketAddress {
  readonly endpoint: string;
  readonly bucket: string;
}

/** A handle on it. */
export function openBenchBucket(
  { endpoint, bucket }: BucketAddress,
  options: BucketOptions = {},
): Bucket {
  return openBucket(`s3://${bucket}?region=${REGION}&endpoint=${endpoint}`, {
    credentials: CREDENTIALS,
    ...options,
  });
}

/** The SDK's own client, with sockets for `concurrency` requests at once. */
export async function openSdk(endpoint: string, concurrency: number): Promise<S3Client> {
  const { S3Client } = await import("npm:@aws-sdk/client-s3@3.1169.0");
  const config: S3ClientConfig = {
    endpoint,
    region: REGION,
    forcePathStyle: true,
    credentials: CREDENTIALS,
    requestHandler: { httpAgent: { keepAlive: true, maxSockets: concurrency } },
  };
  return new S3Client(config);
}
