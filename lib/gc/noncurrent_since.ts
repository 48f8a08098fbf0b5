import { bytesAt, type EntryBatch } from "../model/entry_batch.ts";
import { compareAtToBytes } from "../model/key_order.ts";

/**
 * Tells since when each version of a listing has not been current. S3 does not say; it follows from
 * the version above it, which may be in an earlier page.
 */
export class NoncurrentSince {
  #key: Uint8Array | undefined;
  #lastModified = 0;

  /**
   * To be called for every row of a listing, in its order.
   *
   * @returns Milliseconds since 1970: when the next newer version was written, or the version
   * itself if it is dated later, as one is that was uploaded while an upload of several parts was
   * under way. Undefined for the newest version of a key.
   */
  next(page: EntryBatch, row: number): number | undefined {
    const lastModified = page.lastModified[row]!;
    const isSameKey = this.#key !== undefined && compareAtToBytes(page.keys, row, this.#key) === 0;
    const since = isSameKey ? Math.max(this.#lastModified, lastModified) : undefined;
    // A view keeps its page alive, which ends with the next key.
    if (!isSameKey) this.#key = bytesAt(page.keys, row);
    this.#lastModified = lastModified;
    return since;
  }
}
