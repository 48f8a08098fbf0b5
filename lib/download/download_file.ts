import type { Entry } from "../model/entry.ts";
import type { Bucket } from "../s3/bucket.ts";
import { downloadVersion } from "../s3/download_version.ts";
import type { TargetDirectory } from "./target_directory.ts";

/** Whether a file is taken for the object: one of its size, with its date. */
export function isSameFile(file: Deno.FileInfo | undefined, entry: Entry): boolean {
  return file !== undefined && file.isFile && file.size === entry.size &&
    file.mtime?.getTime() === entry.lastModified;
}

/**
 * Write a version to a file, which appears under its name once it is whole and has its date. What
 * stood there before is replaced; a symbolic link itself, not what it links to.
 *
 * @param options Abort: the reason is thrown, and nothing stays of the file.
 * @throws {S3Error} as `downloadVersion`
 */
export async function downloadFile(
  from: Bucket,
  entry: Entry,
  path: string,
  directory: TargetDirectory,
  options: { readonly signal?: AbortSignal },
): Promise<void> {
  const unfinished = directory.unfinishedPath();
  try {
    await writeFile(unfinished, downloadVersion(from, entry, options), entry.lastModified);
    options.signal?.throwIfAborted();
    await Deno.rename(unfinished, path);
  } catch (error) {
    await removeIfThere(unfinished);
    throw error;
  }
}

async function writeFile(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  lastModified: number,
): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for await (let rest of chunks) {
    while (rest.length > 0) rest = rest.subarray(await file.write(rest));
  }
  const time = new Date(lastModified);
  await file.utime(time, time);
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
