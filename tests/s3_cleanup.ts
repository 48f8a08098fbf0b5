/** Leaves a shared test server as it was found. */
import { encodeKey, type ServerAddress, signedRequest } from "./signed_request.ts";

/**
 * Deletes every upload and every version in a bucket, then the bucket. A bucket that was never
 * made is no error.
 *
 * It speaks S3 by hand: the SDK's XML parser fails on a key with a control character.
 *
 * @throws {Error} When the server refuses one of the deletions.
 */
export async function emptyAndDelete(server: ServerAddress, bucket: string): Promise<void> {
  if (!await listAndDelete(server, bucket, "uploads", "UploadId", "uploadId")) return;
  await listAndDelete(server, bucket, "versions", "VersionId", "versionId");
  await expectGone(server, `/${bucket}`, {});
}

const PARALLEL_DELETES = 8;

/**
 * Lists and deletes until the listing is empty; false when there is no such bucket.
 *
 * @throws {Error} When what was deleted is listed again, rather than going on for ever.
 */
async function listAndDelete(
  server: ServerAddress,
  bucket: string,
  list: "uploads" | "versions",
  idElement: string,
  idParameter: string,
): Promise<boolean> {
  let previous = "";
  while (true) {
    const query = { [list]: "", "encoding-type": "url" };
    const answer = await signedRequest(server, { path: `/${bucket}`, query });
    if (answer.status === 404) return false;
    if (answer.status !== 200) throw new Error(`cannot list ${list} of ${bucket}: ${answer.text}`);
    const found = [...answer.text.matchAll(
      /<(?:Version|DeleteMarker|Upload)>.*?<\/(?:Version|DeleteMarker|Upload)>/gs,
    )].map(([item]) => ({
      path: `/${bucket}/${toPath(element(item, "Key"))}`,
      query: { [idParameter]: element(item, idElement) },
    }));
    if (found.length === 0) return true;
    if (answer.text === previous) throw new Error(`${bucket} does not get empty: ${answer.text}`);
    previous = answer.text;
    const next = found.values();
    await Promise.all(Array.from({ length: PARALLEL_DELETES }, async () => {
      for (const { path, query } of next) await expectGone(server, path, query);
    }));
  }
}

async function expectGone(server: ServerAddress, path: string, query: Record<string, string>) {
  const { status, text } = await signedRequest(server, { method: "DELETE", path, query });
  if (status !== 204 && status !== 404) throw new Error(`cannot delete ${path}: ${status} ${text}`);
}

function element(xml: string, name: string): string {
  return new RegExp(`<${name}>(.*?)</${name}>`, "s").exec(xml)?.[1] ?? "";
}

/**
 * From a listing's url encoding to a request path's. `+` is a space, and where a server leaves a
 * character that XML must escape, it stands as an entity within the encoded text.
 */
function toPath(encoded: string): string {
  const text = encoded.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name]!);
  return encodeKey(decodeURIComponent(text.replaceAll("+", " ")));
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
