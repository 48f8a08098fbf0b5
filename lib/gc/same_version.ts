import type { EntryBatch } from "../model/entry_batch.ts";
import { compareAt } from "../model/key_order.ts";
import { isNullVersion } from "../same_content.ts";

/** An entry of some key. */
export interface EntryAt {
  readonly batch: EntryBatch;
  readonly row: number;
}

/** Whether two entries of one key have the same version id. */
export function hasSameId(a: EntryAt, b: EntryAt): boolean {
  return a === b || compareAt(a.batch.versionIds, a.row, b.batch.versionIds, b.row) === 0;
}

/**
 * Whether two entries of one key are one version. Version ids are unique but for `null`, which every
 * object written without versioning has in turn: two of them are one object only when they look
 * alike. (A kept `null` protects whatever is there: for that the id is enough.)
 */
export function isSameVersion(a: EntryAt, b: EntryAt): boolean {
  if (!hasSameId(a, b)) return false;
  return !isNullVersion(a.batch, a.row) ||
    a.batch.lastModified[a.row] === b.batch.lastModified[b.row] &&
      a.batch.sizes[a.row] === b.batch.sizes[b.row];
}
