import { dirname } from "node:path";
import { osCode } from "./io_errors.ts";

/** Write a directory's entries to disk: a new name survives a power cut only after this. */
export async function syncDirectory(path: string): Promise<void> {
  using directory = await Deno.open(path, { read: true });
  await directory.sync();
}

/**
 * Sync `path` and every directory above it up to `top`, which is one of them. One that is gone was
 * pruned, so that there is nothing left in it to keep.
 */
export async function syncUpTo(top: string, path: string): Promise<void> {
  for (let at = path;; at = dirname(at)) {
    try {
      await syncDirectory(at);
    } catch (error) {
      if (osCode(error) !== "ENOENT") throw error;
    }
    if (at === top) return;
  }
}

/** Make `path` and what is missing above it; each new entry is on disk when this resolves. */
export async function makeDurableDirectory(path: string): Promise<void> {
  if (await isDirectory(path)) return;
  const parent = dirname(path);
  await makeDurableDirectory(parent);
  await makeDirectory(path);
  await syncDirectory(parent);
}

/** Make `path`, unless it is a directory already. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await Deno.mkdir(path);
  } catch (error) {
    if (osCode(error) !== "EEXIST" || !await isDirectory(path)) throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (osCode(error) === "ENOENT") return false;
    throw error;
  }
}

/**
 * Remove `path` and what is above it, below `top`, as far as it is empty. Another process may be
 * about to put a file there: the kernel refuses to remove a directory that is not empty, and a
 * put that finds its directory gone makes it again.
 */
export async function pruneUpTo(top: string, path: string): Promise<void> {
  for (let at = path; at !== top; at = dirname(at)) {
    try {
      await Deno.remove(at);
    } catch (error) {
      const code = osCode(error);
      if (code === "ENOTEMPTY" || code === "EEXIST") return;
      if (code !== "ENOENT") throw error;
    }
  }
}
