import type { EntryBatch } from "../model/entry_batch.ts";
import { ByteReader } from "./byte_reader.ts";
import { Damage } from "./damage.ts";
import { decodeETags, readETagForms } from "./etag_column.ts";
import { readEntryCount } from "./frame.ts";
import { decodeKeys } from "./key_column.ts";
import { decodeRemovals } from "./removal_column.ts";
import { readSection } from "./section.ts";
import { decodeSizes } from "./size_column.ts";
import { decodeStorageClasses } from "./storage_class_column.ts";
import { decodeTimes } from "./time_column.ts";
import { decodeVersionIds, readVersionIdForms } from "./version_id_column.ts";

/** Which file a block is of. */
export type BlockKind = "part" | "patch";

/**
 * Read a block's bytes, without its header. The batch shares no memory with them.
 *
 * @param kind Whether it is a block of a part, or of a patch: there, `DELETE_MARKER` flags the rows
 * of keys that are removed.
 * @throws {Damage} when they are not what docs/FORMAT.md says
 */
export function decodeBlock(block: Uint8Array, kind: BlockKind = "part"): EntryBatch {
  const { entries, end } = readEntryCount(block);
  const columns = readSection(block, end);
  const packed = readSection(block, columns.end);
  const uuids = readSection(block, packed.end);
  const sums = readSection(block, uuids.end);
  if (sums.end !== block.length) throw new Damage("a block is longer than its sections");

  const reader = new ByteReader(columns.bytes);
  const keys = decodeKeys(reader, entries);
  const versionIdForms = readVersionIdForms(reader, entries);
  const etagForms = readETagForms(reader, entries);
  const sizes = decodeSizes(reader, entries);
  const lastModified = decodeTimes(reader, entries);
  const classes = decodeStorageClasses(reader, entries);
  const flags = kind === "patch" ? decodeRemovals(reader, entries) : new Uint8Array(entries);
  reader.end();

  return {
    length: entries,
    keys,
    versionIds: decodeVersionIds(versionIdForms, packed.bytes, uuids.bytes),
    etags: decodeETags(etagForms, sums.bytes),
    sizes,
    lastModified,
    ...classes,
    flags,
  };
}
