/**
 * File names for keys: each key has one of its own, by which it can be told again, and none leads out
 * of a directory. docs/FILE_NAMES.md says the rules in words.
 *
 * `%` and two hexadecimal digits stand for a byte, in UTF-8. `%` and something else is what no key
 * becomes, and free for these.
 */

/** Which characters file names may hold. */
export interface NameRules {
  /**
   * Whether the file system takes names for the same that differ in case or in how characters are
   * composed, so that nothing but small ASCII letters and the like stands for itself.
   */
  readonly isFolding: boolean;
}

/** Stands for a name that is empty. */
const EMPTY = "%-";
/** Ends a folder's name when an object has it, too: one of both must be called otherwise. */
const FOLDER = "%_";
/** Ends a part of a name that goes on in the folder below. */
const CONTINUED = "%+";
/** Begins the names of what is not finished. */
export const UNFINISHED = "%~";

/** In UTF-8 bytes: file systems take 255, and what is above has to fit an ending. */
const MAX_NAME_BYTES = 240;

/** Control characters, our own escape, and what Windows reserves. */
const RESERVED = /[\p{Cc}"%*:<>?\\|]/u;
/** What file systems agree on even where they take several names for one. */
const AGREED = /^[a-z0-9!#$&'()+,\-.;=@[\]^_`{}~ ]$/;
/** Names of devices on Windows, also with an ending. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Gives the path of one key after another. */
export class KeyPaths {
  readonly #rules: NameRules;
  /** Earlier keys that the last one begins with, the shortest first. */
  readonly #above: string[] = [];

  /** `rules` are those of the file system. */
  constructor(rules: NameRules) {
    this.#rules = rules;
  }

  /**
   * The names of the folders that the key's file lies in, and last its own.
   *
   * @param key Sorts after all that were given before.
   */
  next(key: string): string[] {
    const above = this.#above;
    while (above.length > 0 && !key.startsWith(above.at(-1)!)) above.pop();
    const objects = new Set(above.map(({ length }) => length));
    above.push(key);
    return namesOf(key, objects, this.#rules);
  }
}

/** `objects` are the lengths of beginnings of the key that are keys themselves. */
function namesOf(key: string, objects: ReadonlySet<number>, rules: NameRules): string[] {
  const names: string[] = [];
  let end = -1;
  for (const segment of key.split("/")) {
    end += 1 + segment.length;
    const isFolder = end < key.length;
    names.push(...partsOf(segment, isFolder && objects.has(end) ? FOLDER : "", rules));
  }
  return names;
}

/** One name, or several where it is too long for one. */
function partsOf(segment: string, ending: string, rules: NameRules): string[] {
  if (segment === "") return [EMPTY + ending];
  const parts: string[] = [];
  let part = "", bytes = 0;
  for (const character of escapeSegment(segment, rules)) {
    const size = encoder.encode(character).length;
    if (bytes + size > MAX_NAME_BYTES) {
      parts.push(part + CONTINUED);
      part = "";
      bytes = 0;
    }
    part += character;
    bytes += size;
  }
  return [...parts, part + ending];
}

/** Its characters, each as it stands in a file's name. */
function escapeSegment(segment: string, { isFolding }: NameRules): string[] {
  const characters = [...segment];
  const last = characters.length - 1;
  return characters.map((character, i) => {
    const isSafe = isFolding ? AGREED.test(character) : !RESERVED.test(character);
    // Windows drops dots and spaces at the end. This is what keeps "." and ".." from being folders.
    const isDropped = i === last && /[. ]/.test(character);
    const isDevice = i === 0 && DEVICE.test(segment);
    return isSafe && !isDropped && !isDevice ? character : escapeCharacter(character);
  });
}

function escapeCharacter(character: string): string {
  return Array.from(
    encoder.encode(character),
    (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
}

/**
 * The key whose file has this path below the directory that a snapshot was downloaded to.
 *
 * @param path With `/` between names, none at its beginning.
 * @throws {TypeError} when no key has that path
 *
 * @example
 * ```ts
 * import { keyOfPath } from "./key_path.ts";
 *
 * keyOfPath("a%3Ab/%-"); // "a:b/"
 * ```
 */
export function keyOfPath(path: string): string {
  return path.replaceAll(`${CONTINUED}/`, "").split("/").map(segmentOf).join("/");
}

function segmentOf(name: string): string {
  const plain = name.endsWith(FOLDER) ? name.slice(0, -FOLDER.length) : name;
  if (plain === EMPTY) return "";
  const bytes: number[] = [];
  for (const [piece] of plain.matchAll(/%[0-9A-F]{2}|[^%]+|%/g)) {
    if (piece === "%") throw new TypeError(`${JSON.stringify(name)} is no file of a key`);
    if (piece.startsWith("%")) bytes.push(Number.parseInt(piece.slice(1), 16));
    else bytes.push(...encoder.encode(piece));
  }
  return decoder.decode(Uint8Array.from(bytes));
}
