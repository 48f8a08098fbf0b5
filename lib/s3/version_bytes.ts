import { createHash, type Hash } from "node:crypto";
import { Readable } from "node:stream";
import { S3Error } from "../model/errors.ts";
import { isThrottling } from "./bucket.ts";
import { pause } from "./pause.ts";
import type { SourceVersion } from "./source_version.ts";

/** Bytes of a version on their way through. */
export interface VersionBytes {
  /**
   * All of them or, of many, a stream to be read once and to its end: it fails, rather than end,
   * when fewer bytes come than expected.
   */
  readonly body: Uint8Array | Readable;
  /** Whether `body` can be sent only once. */
  readonly once: boolean;
  /** Hexadecimal, of all bytes; known when `body` was read to its end. */
  md5(): string;
  /** Aborts when the bytes fail, so that whoever waits for them gives up. */
  readonly signal: AbortSignal;
}

/** Which bytes; none of an object that is empty. */
export interface ByteRange {
  readonly offset: number;
  readonly size: number;
}

/** Bytes that are held, so that connections are kept and requests repeated as any others. */
const MAX_HELD_BYTES = 8 * 1024 ** 2;
/** Tries of a download and upload that a server or the network broke off. */
const MAX_TRIES = 4;

/**
 * Download bytes of a version and hand them on: up to 8 MiB at once, more as they come, of which
 * only what streams buffer is held. What breaks off on either side is begun again.
 *
 * @param handOn Called anew for each try.
 * @param signal Abort: both sides are given up and the reason is thrown.
 * @throws {S3Error} `DownloadCut` when the bytes end early time and again; whatever a server refused
 */
export async function streamBytes<Result>(
  source: SourceVersion,
  range: ByteRange,
  handOn: (bytes: VersionBytes) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  for (let tries = 1;; tries++) {
    try {
      return await streamOnce(source, range, handOn, signal);
    } catch (error) {
      // The bucket has waited for a server that was too busy already.
      const mayRetry = error instanceof S3Error && error.retryable && !isThrottling(error);
      if (!mayRetry || tries === MAX_TRIES) throw error;
    }
    await pause(source.bucket.retryPause * 2 ** (tries - 1), signal);
  }
}

/** The whole of it counts as one request of the source: its connection is busy for so long. */
async function streamOnce<Result>(
  { bucket, key, versionId, etag, size }: SourceVersion,
  range: ByteRange,
  handOn: (bytes: VersionBytes) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const call = { operation: "GetObject", key, ...(signal && { signal }) };
  return await bucket.request(call, async (client, sdk, http) => {
    const { Body } = await client.send(
      new sdk.GetObjectCommand({
        Bucket: bucket.name,
        Key: key,
        VersionId: versionId,
        // The version "null" may be overwritten between the question and the download.
        IfMatch: `"${etag}"`,
        ...(range.size < size &&
          { Range: `bytes=${range.offset}-${range.offset + range.size - 1}` }),
      }),
      http,
    );
    // The SDK declares all that a body may be elsewhere; on its Node client it is this.
    const download = Body as Readable;
    try {
      return await handOn(await checkedBytes(download, key, range.size, signal));
    } finally {
      download.destroy();
    }
  });
}

async function checkedBytes(
  download: Readable,
  key: string,
  size: number,
  signal?: AbortSignal,
): Promise<VersionBytes> {
  const hash = createHash("md5");
  const md5 = () => hash.digest("hex");
  const chunks = counted(download, hash, key, size);
  const failure = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  if (size <= MAX_HELD_BYTES) {
    return { body: await collect(chunks, size), once: false, md5, signal: stop };
  }
  const body = Readable.from(chunks, { objectMode: false });
  body.on("error", (error) => failure.abort(error));
  return { body, once: true, md5, signal: stop };
}

async function collect(chunks: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** A connection that is lost may look like an end. */
async function* counted(
  download: Readable,
  hash: Hash,
  key: string,
  size: number,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  try {
    for await (const chunk of download as AsyncIterable<Uint8Array>) {
      read += chunk.length;
      if (read > size) break;
      hash.update(chunk);
      yield chunk;
    }
  } catch (cause) {
    throw cutError(key, read, size, cause);
  }
  if (read !== size) throw cutError(key, read, size);
}

function cutError(key: string, read: number, size: number, cause?: unknown): S3Error {
  return new S3Error(
    "DownloadCut",
    `the download of ${JSON.stringify(key)} ended after ${read} of ${size} bytes`,
    { cause, retryable: true },
  );
}
