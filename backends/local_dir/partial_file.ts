import { osCode } from "../io_errors.ts";

/**
 * A file that is still being written, in a directory of its own that no listing shows. It is locked
 * for as long as its writer lives, so that another process can tell it from one that a killed
 * writer left behind: {@linkcode sweepPartialFiles} removes only what it can lock.
 */
export class PartialFile implements AsyncDisposable {
  readonly path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /** A new file in `directory`, under a name that nobody else has. */
  static async create(directory: string, uniqueName: () => string): Promise<PartialFile> {
    for (let attempt = 1;; attempt++) {
      const partial = await tryCreate(`${directory}/${uniqueName()}`);
      if (partial) return new PartialFile(partial.path, partial.file);
      if (attempt === MAX_ATTEMPTS) {
        throw new Error(`${MAX_ATTEMPTS} names in ${directory} in a row were already taken`);
      }
    }
  }

  /** Append all of `chunk`. */
  async write(chunk: Uint8Array): Promise<void> {
    for (let rest = chunk; rest.length > 0;) {
      rest = rest.subarray(await this.#file.write(rest));
    }
  }

  /** Resolves once the bytes are on disk. */
  async sync(): Promise<void> {
    await this.#file.sync();
  }

  /**
   * Remove what is left under the file's own name, and unlock it. A removal that fails does not
   * fail the put, which may have taken place: the file is the next sweep's.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path).catch(() => {});
    this.#file.close();
  }
}

/** Names tried before giving up: a second is only ever needed while a sweep looks at the first. */
const MAX_ATTEMPTS = 10;

async function tryCreate(path: string) {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { write: true, createNew: true });
  } catch (error) {
    if (osCode(error) === "EEXIST") return;
    throw error;
  }
  try {
    // A sweep may have locked, or even removed, the file before its writer could lock it.
    if (await file.tryLock(true) && await isStillThere(path)) return { path, file };
  } catch (error) {
    file.close();
    await removeIfThere(path);
    throw error;
  }
  file.close();
}

async function isStillThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (osCode(error) === "ENOENT") return false;
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (osCode(error) !== "ENOENT") throw error;
  }
}

/**
 * Remove what killed writers left in `directory`. A file whose writer lives is locked and stays; so
 * does one that belongs to another user, who can remove it.
 */
export async function sweepPartialFiles(directory: string): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(directory)) {
    if (isFile) await sweepPartialFile(`${directory}/${name}`);
  }
}

async function sweepPartialFile(path: string): Promise<void> {
  try {
    using file = await Deno.open(path, { read: true, write: true });
    if (await file.tryLock(true)) await removeIfThere(path);
  } catch (error) {
    if (osCode(error) !== "ENOENT" && osCode(error) !== "EACCES") throw error;
  }
}
