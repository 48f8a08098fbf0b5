import { S3Error } from "../model/errors.ts";
import type { CopyTarget } from "./copy_target.ts";
import type { CurrentObject } from "./current_object.ts";
import { deleteVersions } from "./delete_versions.ts";
import { isSameTags, readTags, type Tag, writeTags } from "./object_tags.ts";

/** What an upload in parts became. */
export interface UploadedObject extends CurrentObject {
  /** Whether the server's answer to this very upload names it: it is nobody else's. */
  readonly isOurs: boolean;
}

/**
 * See to it that an object has the tags that its upload was begun with, and set them where it has
 * not: Ceph takes none there. One that does not get them is taken back, since by its ETag it would
 * pass for right from then on.
 *
 * @throws {S3Error} why it has no tags, and what became of it; an abort rejects with its reason, and
 * the object is taken back, too
 */
export async function keepTags(
  target: CopyTarget,
  made: UploadedObject,
  tags: readonly Tag[],
  signal?: AbortSignal,
): Promise<void> {
  const { bucket, key } = target;
  // AWS itself is documented to take them.
  if (tags.length === 0 || bucket.location.endpoint === undefined) return;
  try {
    if (await hasTags(target, made, tags, signal)) return;
    await writeTags(bucket, key, made.versionId, tags, signal);
  } catch (error) {
    throw await takeBack(target, made, error);
  }
}

/** False also where they cannot be read: to set them once more does no harm. */
async function hasTags(
  { bucket, key }: CopyTarget,
  { versionId }: UploadedObject,
  tags: readonly Tag[],
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    return isSameTags(tags, await readTags(bucket, key, versionId, signal));
  } catch (error) {
    if (error instanceof S3Error) return false;
    throw error;
  }
}

/** Gives the error to throw. */
async function takeBack(
  target: CopyTarget,
  made: UploadedObject,
  error: unknown,
): Promise<unknown> {
  const obstacle = await removeVersion(target, made);
  if (!(error instanceof S3Error)) return error;
  const { code, message, retryable, status } = error;
  const end = obstacle === undefined
    ? "The copy was removed again, since without its tags it would pass for right"
    : `The copy stays without its tags, since ${obstacle}: delete it and restore it again, or it ` +
      `passes for right`;
  return new S3Error(code, `${message}. ${end}`, { cause: error, retryable, status });
}

/** Whatever a signal says. @returns Why it was not removed; undefined when it was */
async function removeVersion(
  { bucket, key }: CopyTarget,
  { versionId, isOurs }: UploadedObject,
): Promise<string | undefined> {
  if (!isOurs) return "it may be somebody else's";
  // Whoever writes next takes the same id.
  if (versionId === undefined || versionId === "null") return "no version id is its own";
  try {
    const { failed: [failure] } = await deleteVersions(bucket, [{ key, versionId }]);
    return failure && `it could not be removed (${failure.code}: ${failure.message})`;
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return `it could not be removed (${error.message})`;
  }
}
