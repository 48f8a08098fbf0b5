import { setImmediate } from "node:timers/promises";
import { isStoreName, type StoreItem } from "../../lib/model/store.ts";
import { osCode } from "../io_errors.ts";

/**
 * Files looked at in one go. A look at a local file takes 3 microseconds, of another thread 20; on
 * a slow directory others wait so long.
 */
const LOOKED_AT_ONCE = 16;

/**
 * Files below `root` whose names begin with `prefix`, ascending by the bytes of the whole name.
 * Holds the entries of one directory at each level, and no handle. What vanishes meanwhile is
 * left out. Symbolic links are not followed, and what has no name of a store (as our own files that
 * begin with ".") is passed over: neither is part of the store.
 */
export async function* walk(root: string, prefix: string, above = ""): AsyncGenerator<StoreItem> {
  let looks = 0;
  for (const entry of await sortedEntries(root, above)) {
    const name = above + entry;
    if (name.endsWith("/")) {
      if (name.startsWith(prefix) || prefix.startsWith(name)) yield* walk(root, prefix, name);
    } else if (name.startsWith(prefix)) {
      if (++looks % LOOKED_AT_ONCE === 0) await setImmediate();
      const size = sizeOf(`${root}/${name}`);
      if (size !== undefined) yield { name, size };
    }
  }
}

/** Directories end in "/", which is how they sort in whole names: `a-b`, `a/b`, `a0`. */
async function sortedEntries(root: string, above: string): Promise<string[]> {
  const entries: string[] = [];
  try {
    for await (const { name, isDirectory, isFile } of Deno.readDir(`${root}/${above}`)) {
      if (!isStoreName(above + name)) continue;
      if (isDirectory) entries.push(`${name}/`);
      else if (isFile) entries.push(name);
    }
  } catch (error) {
    if (osCode(error) !== "ENOENT") throw error;
  }
  return entries.sort();
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.lstatSync(path).size;
  } catch (error) {
    if (osCode(error) !== "ENOENT") throw error;
  }
}
