import { InputError } from "../model/errors.ts";
import type { EntryBatch } from "../model/entry_batch.ts";
import type { Bucket } from "./bucket.ts";
import { inOrder } from "./in_order.ts";
import { NamedReader } from "./named_reader.ts";

/** Most keys that one reader looks up: many enough to find out how dense they are. */
const MAX_KEYS_PER_READER = 1000;

/** How the listing is done. */
export interface ListNamedOptions {
  /** Keys whose versions are looked up at once. Default: the bucket's concurrency. */
  readonly concurrency?: number;
  /** Abort: the requests in flight are given up and the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Every version and delete marker of the keys given, in the order of {@linkcode listVersions}. Never
 * asks more often than once a key, and where the keys lie close together, not much more often than
 * a listing of all that lies between.
 *
 * @param keys Whole keys, ascending by `compareKeys`, each once.
 * @throws {S3Error} as {@linkcode listVersions} does
 * @throws {InputError} when a key holds half of a surrogate pair
 */
export async function* listNamed(
  bucket: Bucket,
  keys: readonly string[],
  { concurrency = bucket.concurrency, signal }: ListNamedOptions = {},
): AsyncGenerator<EntryBatch> {
  for (const key of keys) assertKey(key);
  const size = Math.min(MAX_KEYS_PER_READER, Math.ceil(keys.length / concurrency));
  yield* inOrder(readers(bucket, keys, size), concurrency, signal);
}

function* readers(
  bucket: Bucket,
  keys: readonly string[],
  size: number,
): Generator<(signal: AbortSignal) => NamedReader> {
  for (let from = 0; from < keys.length; from += size) {
    yield (signal) => new NamedReader(bucket, keys.slice(from, from + size), signal);
  }
}

function assertKey(key: string): void {
  if (key !== "" && key.isWellFormed()) return;
  throw new InputError(`${JSON.stringify(key)} is no key`);
}
