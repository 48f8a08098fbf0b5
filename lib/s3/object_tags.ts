import type { Bucket } from "./bucket.ts";

/** A tag of an object. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** The tags of one version of an object; of the current one without `versionId`. */
export async function readTags(
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  signal?: AbortSignal,
): Promise<Tag[]> {
  const call = { operation: "GetObjectTagging", key, ...(signal && { signal }) };
  const { TagSet = [] } = await bucket.request(call, (client, sdk, http) => {
    const input = { Bucket: bucket.name, Key: key, ...(versionId && { VersionId: versionId }) };
    return client.send(new sdk.GetObjectTaggingCommand(input), http);
  });
  return TagSet.map(({ Key = "", Value = "" }) => ({ key: Key, value: Value }));
}

/** Replace the tags of one version. */
export async function writeTags(
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  tags: readonly Tag[],
  signal?: AbortSignal,
): Promise<void> {
  const call = { operation: "PutObjectTagging", key, ...(signal && { signal }) };
  const TagSet = tags.map((tag) => ({ Key: tag.key, Value: tag.value }));
  await bucket.request(call, (client, sdk, http) => {
    const input = { Bucket: bucket.name, Key: key, ...(versionId && { VersionId: versionId }) };
    return client.send(new sdk.PutObjectTaggingCommand({ ...input, Tagging: { TagSet } }), http);
  });
}

/** Tags as the `x-amz-tagging` header carries them. */
export function formatTags(tags: readonly Tag[]): string {
  const pairs = tags.map(({ key, value }) =>
    `${encodeURIComponent(key)}=${encodeURIComponent(value)}`
  );
  return pairs.join("&");
}

/** Whether two sets hold the same tags, in whatever order. */
export function isSameTags(a: readonly Tag[], b: readonly Tag[]): boolean {
  const values = new Map(a.map(({ key, value }) => [key, value]));
  return a.length === b.length && b.every(({ key, value }) => values.get(key) === value);
}
