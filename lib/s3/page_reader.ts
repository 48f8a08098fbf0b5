import type { EntryBatch } from "../model/entry_batch.ts";

/** Gives one page after another. */
export interface PageReader {
  /** The next rows, never none; undefined at the end. */
  next(): Promise<EntryBatch | undefined>;
}
