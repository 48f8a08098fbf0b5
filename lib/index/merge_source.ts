import type { EntryBatch } from "../model/entry_batch.ts";

/** A stream of entries with ascending keys that is opened when a merge reaches it. */
export interface MergeSource {
  /** Whose entries these are: numbers that mean something to the caller. */
  readonly owners: readonly number[];
  /** No key sorts before it. Left out: opened at once. */
  readonly firstKey?: string;
  /** Begin to read. Called once. */
  open(): AsyncIterable<EntryBatch>;
}
