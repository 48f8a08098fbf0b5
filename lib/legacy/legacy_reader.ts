import type { Entry } from "../model/entry.ts";
import type { EntryBatch } from "../model/entry_batch.ts";
import { EntryBatchBuilder } from "../model/entry_batch_builder.ts";
import type { SnapshotStore } from "../model/store.ts";
import { KeyWindow } from "./key_window.ts";
import { corruptLegacyFile, scanLegacyFile } from "./legacy_file.ts";

/** Entries in key order that one pass over the file gives: about 60 MB while they are sorted. */
const ENTRIES_PER_PASS = 100_000;
/** Entries a batch. */
const BATCH_LENGTH = 4096;

/** Which entries are read, and how. */
export interface ReadLegacyOptions {
  /** Only keys that begin with it. */
  readonly prefix?: string | undefined;
  /** Only keys after this one. */
  readonly after?: string | undefined;
  /** Entries held at a time are at most twice this. Default: 100,000. */
  readonly entriesPerPass?: number;
  /** Abort: the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The entries of a file of 2015 in key order, in bounded memory: a file that holds more than fit is
 * read again for each further run of keys. ETags are empty, as the file holds none.
 *
 * @throws {SnapshotError} `CorruptSnapshot` naming the file and what is wrong with it
 */
export async function* readLegacyEntries(
  store: SnapshotStore,
  name: string,
  { prefix, after, entriesPerPass = ENTRIES_PER_PASS, signal }: ReadLegacyOptions = {},
): AsyncGenerator<EntryBatch> {
  for (let last = after, more = true; more;) {
    const window = new KeyWindow({ size: entriesPerPass, after: last, prefix });
    await scanLegacyFile(store, name, (entry) => window.offer(entry), signal);
    const sorted = takeFrom(window, store, name);
    yield* inBatches(sorted.entries);
    last = sorted.entries.at(-1)?.key;
    more = sorted.more;
  }
}

function takeFrom(window: KeyWindow, store: SnapshotStore, name: string) {
  try {
    return window.take();
  } catch (error) {
    throw corruptLegacyFile(store, name, error);
  }
}

function* inBatches(entries: readonly Entry[]): Generator<EntryBatch> {
  for (let from = 0; from < entries.length; from += BATCH_LENGTH) {
    const builder = new EntryBatchBuilder(BATCH_LENGTH);
    for (const entry of entries.slice(from, from + BATCH_LENGTH)) builder.append(entry);
    yield builder.take();
  }
}
