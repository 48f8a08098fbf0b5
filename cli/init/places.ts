import { dirname, isAbsolute, join, resolve } from "node:path";
import { isSameBucket } from "../../lib/bucket_identity.ts";
import { InputError } from "../../lib/model/errors.ts";
import type { BucketIdentity } from "../../lib/model/manifest.ts";
import { type BucketLocation, parseBucketUrl } from "../../lib/s3/bucket_url.ts";
import { readVariable } from "../environment.ts";
import type { Answers } from "./answers.ts";

const DEFAULT_CONFIG = "backup-my-bucket.jsonc";
/** What a URL begins with. */
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/**
 * Where the new configuration goes.
 *
 * @throws {InputError} when something is there, or nothing can be
 */
export async function newConfigPath(named: string = DEFAULT_CONFIG): Promise<string> {
  const path = resolve(named);
  await assertDirectory(dirname(path), path);
  if (await statIfThere(path, Deno.lstat) === undefined) return path;
  throw new InputError(
    `${path} exists: edit it, or have another one written with --config. init overwrites nothing`,
  );
}

async function assertDirectory(directory: string, path: string): Promise<void> {
  const found = await statIfThere(directory, Deno.stat);
  if (found?.isDirectory) return;
  const reason = found ? `${directory} is no directory` : `there is no directory ${directory}`;
  throw new InputError(
    `cannot write the configuration ${path}: ${reason}. Make it, or name another place with --config`,
  );
}

async function statIfThere(
  path: string,
  stat: (path: string) => Promise<Deno.FileInfo>,
): Promise<Deno.FileInfo | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    // Something on the way to it is a file.
    if (error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** Where the snapshots of a set may go, unless somebody knows better. */
export function defaultStore(set: string): string | undefined {
  const home = readVariable("HOME");
  return home && join(home, "backup-my-bucket", set);
}

/** A store as cron finds it, whatever directory it works in. */
export function absoluteStore(store: string): string {
  return SCHEME.test(store) || isAbsolute(store) ? store : resolve(store);
}

/**
 * What lies below the prefix of a bucket is its objects: points would hold the files of points, and
 * a restore would bring those back.
 *
 * @throws {InputError} when the store does
 */
export function assertStoreApart({ source, replica, store }: Answers): void {
  if (!store.startsWith("s3://")) return;
  const place = parseBucketUrl(store);
  const folder = place.prefix.replace(/[^/]$/, "$&/");
  for (const url of replica === undefined ? [source] : [source, replica]) {
    const bucket = parseBucketUrl(url);
    const isInside = isSameBucket(identityOf(place), identityOf(bucket)) &&
      folder.startsWith(bucket.prefix);
    if (!isInside) continue;
    throw new InputError(
      `the store ${store} lies in ${url}, where its files would be objects of the bucket that is ` +
        `backed up: keep it in a bucket of its own, or in a directory`,
    );
  }
}

/** What tells a bucket from others. */
export function identityOf({ bucket, endpoint }: BucketLocation): BucketIdentity {
  return { name: bucket, ...(endpoint !== undefined && { endpoint }) };
}
