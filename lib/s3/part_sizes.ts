/**
 * Where the parts of an object begin and end. A copy with the same boundaries has the same ETag,
 * which is how a later restore sees that a key is right already.
 */
import { runBounded } from "./run_bounded.ts";
import { partCountOf } from "./multipart_etag.ts";
import type { SourceVersion } from "./source_version.ts";

const MIB = 1024 * 1024;
/** S3's limits of a part; the last may be smaller. */
const MIN_PART_SIZE = 5 * MIB;
const MAX_PARTS = 10_000;
/** Used where nothing hints at another: few requests, and a failed one loses little. */
const PREFERRED_PART_SIZE = 128 * MIB;
/** What well-known programs upload with, the most common first. */
const COMMON_PART_SIZES = [8, 5, 16, 64, 15, 10, 32, 100, 128, 50, 25, 20, 256, 512, 1024]
  .map((size) => size * MIB);

/** How to cut an object. */
export interface PartSizes {
  /** In bytes, in order. */
  readonly sizes: readonly number[];
  /** Whether the server told them; otherwise they are guessed. */
  readonly areLearnt: boolean;
}

/**
 * The parts' sizes in bytes as the server tells them, or undefined when it does not: AWS answers a
 * HEAD for one part with that part's length, others with that of the whole object.
 */
export async function learnPartSizes(
  source: SourceVersion,
  signal?: AbortSignal,
): Promise<readonly number[] | undefined> {
  const count = partCountOf(source.etag);
  if (count === undefined) return undefined;
  const first = await headPart(source, 1, signal);
  if (first === undefined) return undefined;
  const sizes: number[] = [first];
  const others = Array.from({ length: count - 1 }, (_, i) => i + 2);
  await runBounded(others, source.bucket.concurrency, async (part, stop) => {
    sizes[part - 1] = await headPart(source, part, stop) ?? NaN;
  }, signal);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return total === source.size ? sizes : undefined;
}

/** Bytes of one part; undefined when the server does not say that it speaks of a part. */
async function headPart(
  { bucket, key, versionId }: SourceVersion,
  part: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const call = { operation: "HeadObject", key, ...(signal && { signal }) };
  const head = await bucket.request(call, (client, sdk, http) => {
    const input = { Bucket: bucket.name, Key: key, VersionId: versionId, PartNumber: part };
    return client.send(new sdk.HeadObjectCommand(input), http);
  });
  return head.PartsCount === undefined ? undefined : head.ContentLength;
}

/**
 * Sizes that an object of `size` bytes may have been uploaded in: equal but for the last, as many
 * as its ETag says, and of a usual length where one fits. Where it was not uploaded in parts, of a
 * length that is good for copying.
 *
 * @param count The number of parts that its ETag tells.
 * @param maxPartSize Bytes that one request copies at most.
 */
export function guessPartSizes(
  size: number,
  count: number | undefined,
  maxPartSize: number,
): readonly number[] {
  if (count === undefined) return equalParts(size, Math.min(maxPartSize, usualPartSize(size)));
  if (count === 1) return [size];
  const least = Math.ceil(size / count);
  const [part = least] = fittingLengths(size, count);
  return equalParts(size, Math.max(part, MIN_PART_SIZE));
}

/**
 * All ways in which programs usually cut an object of `size` bytes into `count` parts. Empty where
 * none fits.
 */
export function fittingPartSizes(size: number, count: number): (readonly number[])[] {
  if (count === 1) return [[size]];
  return fittingLengths(size, count).map((part) => equalParts(size, part));
}

/** Lengths of all parts but the last, the likeliest first. */
function fittingLengths(size: number, count: number): number[] {
  const least = Math.ceil(size / count);
  const fits = (part: number) => part >= least && part * (count - 1) < size;
  const wholeMiB = Math.ceil(least / MIB) * MIB;
  return [...new Set([...COMMON_PART_SIZES, wholeMiB])].filter(fits);
}

function usualPartSize(size: number): number {
  return Math.max(PREFERRED_PART_SIZE, Math.ceil(size / MAX_PARTS));
}

function equalParts(size: number, part: number): readonly number[] {
  const sizes: number[] = [];
  for (let left = size; left > 0; left -= part) sizes.push(Math.min(part, left));
  return sizes;
}
