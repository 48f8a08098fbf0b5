import { createHash } from "node:crypto";
import { type EntryBatch, textAt } from "../model/entry_batch.ts";
import { StoreError } from "../model/errors.ts";
import { compareKeys } from "../model/key_order.ts";
import { type FileInfo, FORMAT_VERSION, PATCHED_FORMAT_VERSION } from "../model/manifest.ts";
import { partName } from "../model/snapshot_id.ts";
import type { SnapshotStore } from "../model/store.ts";
import { type BlockKind, decodeBlock } from "./block_decoder.ts";
import { corruptSnapshot, Damage, fileUrl } from "./damage.ts";
import { ExactReader } from "./exact_reader.ts";
import {
  BLOCK_HEADER_BYTES,
  checkChecksum,
  checkPartHeader,
  FOOTER_BYTES,
  PART_HEADER_BYTES,
  readBlockHeader,
  readFooter,
} from "./frame.ts";

/** How a file is read. */
export interface ReadFileOptions {
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal;
}

/** What the header of such a file says. */
const FORMATS: Readonly<Record<BlockKind, number>> = {
  part: FORMAT_VERSION,
  patch: PATCHED_FORMAT_VERSION,
};

/**
 * The rows of a part's or a patch's own file, a block at a time. Each block is checked before it is
 * handed out; the whole file's size, SHA-256, counts and keys once it was read to its end.
 *
 * @throws {SnapshotError} `CorruptSnapshot` naming the file and what is wrong with it
 * @throws {StoreError} when the store does not answer
 */
export async function* readRows(
  store: SnapshotStore,
  id: string,
  file: FileInfo,
  kind: BlockKind,
  { signal }: ReadFileOptions = {},
): AsyncGenerator<EntryBatch> {
  const name = partName(id, file.name);
  try {
    const hash = createHash("sha256");
    const stream = await store.get(name, signal ? { signal } : {});
    const reader = new ExactReader(stream, (chunk) => void hash.update(chunk));
    try {
      yield* readBlocks(reader, file, kind);
      if (hash.digest("hex") !== file.sha256) {
        throw new Damage("its SHA-256 is not the one in the manifest");
      }
    } finally {
      await reader.cancel();
    }
  } catch (error) {
    const what = damageIn(error);
    throw what === undefined ? error : corruptSnapshot(fileUrl(store.url, name), what, error);
  }
}

/** What an error says about the file, or undefined when it says something about the store. */
function damageIn(error: unknown): string | undefined {
  if (error instanceof Damage) return error.message;
  if (!(error instanceof StoreError)) return;
  if (error.code === "NotFound") return "it is missing";
  if (error.code === "Corrupt") return error.message;
}

async function* readBlocks(
  source: ExactReader,
  file: FileInfo,
  kind: BlockKind,
): AsyncGenerator<EntryBatch> {
  let left = file.size;
  async function read(length: number): Promise<Uint8Array> {
    if (length > left) throw new Damage(`a block runs past the file's ${file.size} bytes`);
    const bytes = await source.read(length);
    if (bytes.length < length) throw new Damage(`it is cut short: ${file.size} bytes were written`);
    left -= length;
    return bytes;
  }

  checkPartHeader(await read(PART_HEADER_BYTES), FORMATS[kind]);
  const check = new OrderCheck(file);
  while (true) {
    const { length, checksum } = readBlockHeader(await read(BLOCK_HEADER_BYTES));
    const bytes = await read(length === 0 ? FOOTER_BYTES : length);
    checkChecksum(bytes, checksum);
    if (length === 0) {
      check.end(readFooter(bytes));
      break;
    }
    const batch = decodeBlock(bytes, kind);
    check.add(batch);
    yield batch;
  }
  if (left > 0 || (await source.read(1)).length > 0) {
    throw new Damage(`it is not the ${file.size} bytes that were written`);
  }
}

/** What the manifest says about a file's rows, held against the rows. */
class OrderCheck {
  readonly #file: FileInfo;
  #entries = 0;
  #blocks = 0;
  #lastKey: string | undefined;

  constructor(file: FileInfo) {
    this.#file = file;
  }

  /** Order inside a block is the decoder's to check. */
  add(batch: EntryBatch): void {
    const first = keyOf(batch, 0);
    if (this.#lastKey === undefined ? first !== this.#file.firstKey : !this.#isAfterLast(first)) {
      throw new Damage(`its block ${this.#blocks} begins with a key that does not belong there`);
    }
    this.#lastKey = keyOf(batch, batch.length - 1);
    this.#entries += batch.length;
    this.#blocks++;
    if (this.#entries > this.#file.entries || compareKeys(this.#lastKey, this.#file.lastKey) > 0) {
      throw new Damage("it holds more than the manifest says");
    }
  }

  end(footer: { readonly entries: number; readonly blocks: number }): void {
    const { entries, lastKey } = this.#file;
    if (footer.blocks !== this.#blocks || footer.entries !== this.#entries) {
      throw new Damage("blocks are missing from it");
    }
    if (this.#entries !== entries || this.#lastKey !== lastKey) {
      throw new Damage(`it holds ${this.#entries} entries, and the manifest says ${entries}`);
    }
  }

  #isAfterLast(key: string): boolean {
    return this.#lastKey !== undefined && compareKeys(this.#lastKey, key) < 0;
  }
}

function keyOf(batch: EntryBatch, i: number): string {
  try {
    return textAt(batch.keys, i);
  } catch {
    throw new Damage("a key is not UTF-8");
  }
}

/**
 * The bytes of a part's or a patch's own file, as they are. Size and SHA-256 are checked once it was
 * read to its end, and nothing else: for who wants to know whether it is what was written.
 *
 * @throws {SnapshotError} `CorruptSnapshot` naming the file and what is wrong with it
 * @throws {StoreError} when the store does not answer
 */
export async function* readBytes(
  store: SnapshotStore,
  id: string,
  file: FileInfo,
  { signal }: ReadFileOptions = {},
): AsyncGenerator<Uint8Array> {
  const name = partName(id, file.name);
  try {
    const hash = createHash("sha256");
    let size = 0;
    for await (const chunk of await store.get(name, signal ? { signal } : {})) {
      size += chunk.length;
      if (size > file.size) break;
      hash.update(chunk);
      yield chunk;
    }
    if (size !== file.size) {
      throw new Damage(`it is not the ${file.size} bytes that were written`);
    }
    if (hash.digest("hex") !== file.sha256) {
      throw new Damage("its SHA-256 is not the one in the manifest");
    }
  } catch (error) {
    const what = damageIn(error);
    throw what === undefined ? error : corruptSnapshot(fileUrl(store.url, name), what, error);
  }
}

/**
 * The blocks of a part's file that is in memory, and was checked: {@linkcode readBytes} gave it.
 *
 * @throws {Damage} when whoever wrote it did not do as docs/FORMAT.md says
 */
export function* blocksOf(bytes: Uint8Array): Generator<EntryBatch> {
  for (let at = PART_HEADER_BYTES;;) {
    const { length } = readBlockHeader(bytes.subarray(at, at + BLOCK_HEADER_BYTES));
    if (length === 0) return;
    at += BLOCK_HEADER_BYTES;
    yield decodeBlock(bytes.subarray(at, at + length));
    at += length;
  }
}
