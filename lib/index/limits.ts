/** What a part may hold. Writers stay within these; readers refuse what does not. */

/** Entries in one block: enough for columns to compress, few enough to decode in the cache. */
export const MAX_BLOCK_ENTRIES = 4096;

/** Bytes of one key, version id, ETag or storage class. S3's own limit for keys is 1,024. */
export const MAX_TEXT_BYTES = 0xffff;

/**
 * Bytes of all texts of one block (keys, version ids, ETags, and the storage classes' names),
 * however short they are when stored. Bounds the memory that any block can ask of a reader.
 */
export const MAX_BLOCK_TEXT_BYTES = 1 << 20;

/** Bytes of one section once decompressed: all texts, and 256 bytes of numbers an entry. */
export const MAX_SECTION_BYTES: number = MAX_BLOCK_TEXT_BYTES + MAX_BLOCK_ENTRIES * 256;

/** How far a time may lie from 1970, in milliseconds: some 35,000 years. */
export const MAX_TIME = 2 ** 50;

/** Storage classes in one block: as many as an {@linkcode EntryBatch} can name. */
export const MAX_STORAGE_CLASSES = 256;
