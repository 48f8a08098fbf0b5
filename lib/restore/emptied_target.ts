import { type EntryBatch, textAt } from "../model/entry_batch.ts";
import { type OpenedRestore, readSelected, readTarget } from "../restore_plan.ts";
import { selectCurrent } from "../select_current.ts";

/** No version is dated after it. */
const END_OF_TIME = Infinity;

/**
 * The first object that a restore with `delete` would delete because nothing at all that is selected
 * is to be there; undefined where something is, where the target holds nothing either, and where the
 * keys are named, each of which is then meant. It takes a look at the beginning of both sides.
 *
 * @returns Its key in the target.
 * @throws {SnapshotError} `CorruptSnapshot`
 * @throws {S3Error} when a bucket cannot be listed
 * @throws {StoreError} when the store does not answer
 */
export async function firstOfEmptied(opened: OpenedRestore): Promise<string | undefined> {
  const { selection: { scopes, names }, options: { toPrefix = "" } } = opened;
  if (names) return undefined;
  // What is looked at here is not what the plan lists.
  const look = { ...opened, listed: { pages: 0 } };
  for (const scope of scopes) {
    if (await firstKey(readSelected(look, scope)) !== undefined) return undefined;
  }
  for (const scope of scopes) {
    const key = await firstKey(selectCurrent(readTarget(look, scope), END_OF_TIME));
    if (key !== undefined) return toPrefix + key;
  }
}

/** The first key, without reading on. */
export async function firstKey(batches: AsyncIterable<EntryBatch>): Promise<string | undefined> {
  for await (const batch of batches) if (batch.length > 0) return textAt(batch.keys, 0);
}
