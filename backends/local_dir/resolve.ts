import { StoreError } from "../../lib/model/errors.ts";
import { osCode } from "../io_errors.ts";
import { makeDirectory } from "../directories.ts";

/**
 * What is known of `name` where it is a file in `root`. Neither it nor a directory on the way may be
 * a symbolic link: that could lead out of the store.
 */
export async function findFile(root: string, name: string): Promise<Deno.FileInfo | undefined> {
  for (const folder of foldersOf(name)) if (!isDirectory(`${root}/${folder}`)) return;
  const found = await lstatIfThere(`${root}/${name}`);
  return found?.isFile ? found : undefined;
}

/**
 * Without waiting: other names were looked for there just before, so that even a network's directory
 * is known here, and a look takes a tenth of what it takes to have another thread do it.
 */
function isDirectory(path: string): boolean {
  try {
    return Deno.lstatSync(path).isDirectory;
  } catch (error) {
    if (!isAbsence(error)) throw error;
    return false;
  }
}

/** Make the directories of `name` in `root`; refuse to go through anything that is none. */
export async function enterParent(root: string, name: string): Promise<void> {
  for (const folder of foldersOf(name)) {
    const path = `${root}/${folder}`;
    const found = await lstatIfThere(path);
    if (found?.isDirectory) continue;
    if (found) throw inTheWay(root, name, path, found.isSymlink);
    await enterNew(path);
  }
}

async function enterNew(path: string): Promise<void> {
  try {
    await makeDirectory(path);
  } catch (error) {
    // The directory above was pruned just now; the caller finds out and comes back.
    if (osCode(error) !== "ENOENT") throw error;
  }
}

function inTheWay(root: string, name: string, path: string, isSymlink: boolean): StoreError {
  const what = `cannot write ${JSON.stringify(name)} in the directory ${root}: ${path}`;
  if (!isSymlink) {
    return new StoreError("Unsupported", `${what} is a file, and cannot be a directory too`);
  }
  return new StoreError(
    "Denied",
    `${what} is a symbolic link, which may lead out of the store; put a directory there`,
  );
}

/** `a/b/c` lies in `a` and `a/b`. */
function foldersOf(name: string): string[] {
  const folders: string[] = [];
  for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1)) {
    folders.push(name.slice(0, at));
  }
  return folders;
}

async function lstatIfThere(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
}

function isAbsence(error: unknown): boolean {
  const code = osCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}
