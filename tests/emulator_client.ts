/** A client for the embedded S3, and the little that its tests share. */
import assert from "node:assert/strict";
import { S3Client, type S3ClientConfig, S3ServiceException } from "npm:@aws-sdk/client-s3@3.1169.0";
import type { Emulator } from "./emulator/emulator.ts";

/** An SDK client that tries once, so that a test sees every answer. */
export function connect(s3: Emulator, config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    endpoint: s3.url,
    region: s3.region,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
    ...config,
  });
}

/** Asserts that S3 refuses a request with this error. */
export async function assertRefused(
  request: Promise<unknown>,
  status: number,
  code?: string,
): Promise<S3ServiceException> {
  const error = await request.then(
    () => assert.fail(`expected ${status} ${code ?? ""}, but the request succeeded`),
    (error: unknown) => error,
  );
  assert.ok(error instanceof S3ServiceException, String(error));
  assert.equal(error.$metadata.httpStatusCode, status, error.message);
  if (code !== undefined) assert.equal(error.name, code, error.message);
  return error;
}

/** A clock that stands still until it is told otherwise. */
export class TestClock {
  /** Milliseconds since 1970. */
  time: number;

  /** A clock that stands at `time`. */
  constructor(time: number = Date.UTC(2026, 0, 2, 3, 4, 5, 678)) {
    this.time = time;
  }

  /** What the emulator's `now` takes. */
  readonly now = (): number => this.time;
}
