import { createHash } from "node:crypto";
import { type EntryBatch, textAt } from "../model/entry_batch.ts";
import { StoreError } from "../model/errors.ts";
import { compareKeys } from "../model/key_order.ts";
import type { PartInfo } from "../model/manifest.ts";
import { partName } from "../model/snapshot_id.ts";
import type { SnapshotStore } from "../model/store.ts";
import { decodeBlock } from "./block_decoder.ts";
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

/**
 * The entries of a part, a block at a time. Each block is checked before it is handed out; the
 * whole file's size, SHA-256, counts and keys once it was read to its end.
 *
 * @throws {SnapshotError} `CorruptSnapshot` naming the file and what is wrong with it
 */
export async function* readPart(
  store: SnapshotStore,
  id: string,
  part: PartInfo,
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<EntryBatch> {
  const name = partName(id, part.name);
  try {
    const reader = new ExactReader(await store.get(name, signal ? { signal } : {}));
    try {
      yield* readBlocks(reader, part);
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

async function* readBlocks(source: ExactReader, part: PartInfo): AsyncGenerator<EntryBatch> {
  const hash = createHash("sha256");
  let left = part.size;
  async function read(length: number): Promise<Uint8Array> {
    if (length > left) throw new Damage(`a block runs past the file's ${part.size} bytes`);
    const bytes = await source.read(length);
    if (bytes.length < length) throw new Damage(`it is cut short: ${part.size} bytes were written`);
    left -= length;
    hash.update(bytes);
    return bytes;
  }

  checkPartHeader(await read(PART_HEADER_BYTES));
  const check = new OrderCheck(part);
  while (true) {
    const { length, checksum } = readBlockHeader(await read(BLOCK_HEADER_BYTES));
    const bytes = await read(length === 0 ? FOOTER_BYTES : length);
    checkChecksum(bytes, checksum);
    if (length === 0) {
      check.end(readFooter(bytes));
      break;
    }
    const batch = decodeBlock(bytes);
    check.add(batch);
    yield batch;
  }
  if (left > 0 || (await source.read(1)).length > 0) {
    throw new Damage(`it is not the ${part.size} bytes that were written`);
  }
  if (hash.digest("hex") !== part.sha256) {
    throw new Damage("its SHA-256 is not the one in the manifest");
  }
}

/** What the manifest says about a part's entries, held against the entries. */
class OrderCheck {
  readonly #part: PartInfo;
  #entries = 0;
  #blocks = 0;
  #lastKey: string | undefined;

  constructor(part: PartInfo) {
    this.#part = part;
  }

  /** Order inside a block is the decoder's to check. */
  add(batch: EntryBatch): void {
    const first = keyOf(batch, 0);
    if (this.#lastKey === undefined ? first !== this.#part.firstKey : !this.#isAfterLast(first)) {
      throw new Damage(`its block ${this.#blocks} begins with a key that does not belong there`);
    }
    this.#lastKey = keyOf(batch, batch.length - 1);
    this.#entries += batch.length;
    this.#blocks++;
    if (this.#entries > this.#part.entries || compareKeys(this.#lastKey, this.#part.lastKey) > 0) {
      throw new Damage("it holds more than the manifest says");
    }
  }

  end(footer: { readonly entries: number; readonly blocks: number }): void {
    const { entries, lastKey } = this.#part;
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
