import type { Entry } from "../model/entry.ts";
import { BackupError, SnapshotError, StoreError } from "../model/errors.ts";
import { getListed } from "../model/get_listed.ts";
import type { SnapshotStore } from "../model/store.ts";
import { JsonScanner } from "./json_scanner.ts";
import { parseLegacyEntry, timeOf } from "./legacy_entry.ts";
import { isCompressedName, isGivenLegacyName } from "./legacy_name.ts";

/** What a file of 2015 says about itself. */
export interface LegacyHead {
  /** When it was taken: milliseconds since 1970, by the clock of the machine that took it. */
  readonly timestamp: number;
  readonly objects: number;
  /** Sum of the objects' sizes. */
  readonly bytes: number;
}

/**
 * Read a whole file, every entry checked and handed to `visit` in the file's order, which is not
 * that of the keys: one worker for each prefix wrote it.
 *
 * @throws {SnapshotError} `CorruptSnapshot` naming the file and what is wrong with it;
 * `UnknownSnapshot` when neither its name nor its content says that it is one
 * @throws {StoreError} when the store cannot deliver it
 */
export async function scanLegacyFile(
  store: SnapshotStore,
  name: string,
  visit: (entry: Entry) => void,
  signal?: AbortSignal,
): Promise<LegacyHead> {
  const bytes = await open(store, name, signal);
  const seen: Seen = { timestamp: undefined, contents: false };
  try {
    return await scan(isCompressedName(name) ? gunzip(bytes) : bytes, seen, visit);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof BackupError) throw error;
    const isSnapshot = seen.contents || seen.timestamp !== undefined || isGivenLegacyName(name);
    throw isSnapshot ? corruptLegacyFile(store, name, error) : foreignFile(store, name, error);
  }
}

/** What is listed and lost may be a snapshot, whatever its name. */
async function open(
  store: SnapshotStore,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array>> {
  try {
    return await getListed(store, name, signal && { signal });
  } catch (error) {
    const isLost = error instanceof StoreError && error.code === "Corrupt";
    throw isLost ? corruptLegacyFile(store, name, error) : error;
  }
}

/** What was found of a file's two members. */
interface Seen {
  timestamp: number | undefined;
  contents: boolean;
}

function gunzip(bytes: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  return bytes.pipeThrough(
    new DecompressionStream("gzip") as TransformStream<Uint8Array, Uint8Array>,
  );
}

async function scan(
  bytes: ReadableStream<Uint8Array>,
  seen: Seen,
  visit: (entry: Entry) => void,
): Promise<LegacyHead> {
  let objects = 0, total = 0;
  const scanner = new JsonScanner("contents", {
    element(text) {
      const entry = parseLegacyEntry(text);
      objects++;
      total += entry.size;
      visit(entry);
    },
    member(name, text) {
      const value: unknown = JSON.parse(text);
      if (name.toLowerCase() === "timestamp") seen.timestamp = timeOf(value, "Timestamp");
      else if (name.toLowerCase() === "contents") seen.contents = isContents(value, seen.contents);
    },
  });
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const chunk of bytes) scanner.push(decoder.decode(chunk, { stream: true }));
  scanner.push(decoder.decode());
  scanner.end();
  const { timestamp } = seen;
  if (timestamp === undefined) throw new SyntaxError("it has no Timestamp");
  if (!seen.contents) throw new SyntaxError("it has no Contents");
  return { timestamp, objects, bytes: total };
}

/** Go writes a list that was never filled as null. */
function isContents(value: unknown, again: boolean): true {
  if (again) throw new SyntaxError("it has more than one Contents");
  if (value === null || Array.isArray(value)) return true;
  throw new SyntaxError("Contents is no list");
}

function foreignFile(store: SnapshotStore, name: string, cause: unknown): SnapshotError {
  return new SnapshotError("UnknownSnapshot", `${name} in ${store.url} is no snapshot file`, {
    cause,
  });
}

/** The error that names a damaged file of 2015, and what is wrong with it. */
export function corruptLegacyFile(
  store: SnapshotStore,
  name: string,
  cause: unknown,
): SnapshotError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SnapshotError(
    "CorruptSnapshot",
    `the snapshot file ${name} of 2015 in ${store.url} is damaged: ${reason}. Restore the file ` +
      `from a copy, or move it out of the store if it is no snapshot`,
    { cause },
  );
}
