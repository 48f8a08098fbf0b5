/**
 * The value of `x-amz-copy-source`: percent-encoded UTF-8, except for the slashes, which servers
 * look for before they decode.
 */
export function formatCopySource(bucket: string, key: string, versionId: string): string {
  const path = key.split("/").map(encodeURIComponent).join("/");
  return `${bucket}/${path}?versionId=${encodeURIComponent(versionId)}`;
}
