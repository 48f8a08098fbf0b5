import type { Entry, ObjectVersion } from "../lib/model/entry.ts";
import { entryAt, type EntryBatch, versionAt } from "../lib/model/entry_batch.ts";
import { EntryBatchBuilder } from "../lib/model/entry_batch_builder.ts";

/** One batch of these entries or versions, in the order given. */
export function batchOf(entries: readonly (Entry | ObjectVersion)[]): EntryBatch {
  const builder = new EntryBatchBuilder(Math.max(1, entries.length));
  for (const entry of entries) builder.append(entry);
  return builder.take();
}

/** A stream of batches, as a listing gives them. */
export async function* batchesOf(
  groups: readonly (readonly (Entry | ObjectVersion)[])[],
): AsyncGenerator<EntryBatch> {
  for (const group of groups) yield await Promise.resolve(batchOf(group));
}

/** Every entry of a stream, as objects. */
export async function entriesOf(batches: AsyncIterable<EntryBatch>): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const batch of batches) {
    for (let i = 0; i < batch.length; i++) entries.push(entryAt(batch, i));
  }
  return entries;
}

/** Every version of a stream, as objects. */
export async function versionsOf(batches: AsyncIterable<EntryBatch>): Promise<ObjectVersion[]> {
  const versions: ObjectVersion[] = [];
  for await (const batch of batches) {
    for (let i = 0; i < batch.length; i++) versions.push(versionAt(batch, i));
  }
  return versions;
}

/** An entry in which only what is given matters to the test. */
export function entry(given: Partial<Entry> & Pick<Entry, "key">): Entry {
  return {
    versionId: "v1",
    size: 3,
    etag: "0cc175b9c0f1b6a831c399e269772661",
    lastModified: 1_000,
    storageClass: "STANDARD",
    ...given,
  };
}

/** Like {@linkcode entry}, for a version in a listing. */
export function version(given: Partial<ObjectVersion> & Pick<Entry, "key">): ObjectVersion {
  return { ...entry(given), isDeleteMarker: false, isLatest: false, ...given };
}
