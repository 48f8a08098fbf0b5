import type { EntryBatch } from "../model/entry_batch.ts";

/** A stream of entries with ascending keys that is opened when a merge reaches it. */
export interface MergeSource {
  /** Whose entries these are: numbers that mean something to the caller. */
  readonly owners: readonly number[];
  /** No key sorts before it. Left out: opened at once. */
  readonly firstKey?: string;
  /** Tells it from other sources where one patches it. */
  readonly name?: string;
  /**
   * The name of the source that this one patches for its owners, which are some of that one's. At
   * each key that this one has, that one counts for its other owners alone; a row that is flagged
   * `DELETE_MARKER` says that these owners have no such key. Default: none, and no row is flagged.
   */
  readonly patches?: string;
  /** Begin to read. Called once. */
  open(): AsyncIterable<EntryBatch>;
}
