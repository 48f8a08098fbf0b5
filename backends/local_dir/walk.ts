import { isStoreName, type StoreItem } from "../../lib/model/store.ts";
import { osCode } from "../io_errors.ts";

/**
 * Files below `root` whose names begin with `prefix`, ascending by the bytes of the whole name.
 * Holds the entries of one directory at each level, and no handle. What vanishes meanwhile is
 * left out. Symbolic links are not followed, and what has no name of a store (as our own files that
 * begin with ".") is passed over: neither is part of the store.
 */
export async function* walk(root: string, prefix: string, above = ""): AsyncGenerator<StoreItem> {
  for (const entry of await sortedEntries(root, above)) {
    const name = above + entry;
    if (name.endsWith("/")) {
      if (name.startsWith(prefix) || prefix.startsWith(name)) yield* walk(root, prefix, name);
    } else if (name.startsWith(prefix)) {
      const size = await sizeOf(`${root}/${name}`);
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

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.lstat(path)).size;
  } catch (error) {
    if (osCode(error) !== "ENOENT") throw error;
  }
}
