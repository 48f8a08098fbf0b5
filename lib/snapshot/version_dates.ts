import type { EntryBatch } from "../model/entry_batch.ts";

/** Notes between which dates versions lie. */
export class VersionDates {
  /** Milliseconds since 1970; infinite as long as no version was seen. */
  oldest = Infinity;
  /** Milliseconds since 1970; minus infinity as long as no version was seen. */
  newest = -Infinity;

  /** The same batches, looked at. */
  async *watch(versions: AsyncIterable<EntryBatch>): AsyncGenerator<EntryBatch> {
    for await (const batch of versions) {
      for (const date of batch.lastModified) {
        if (date < this.oldest) this.oldest = date;
        if (date > this.newest) this.newest = date;
      }
      yield batch;
    }
  }
}
