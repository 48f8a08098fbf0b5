import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";
import { unquoteETag } from "./multipart_etag.ts";

/** An object as its key has it now. */
export interface CurrentObject {
  /** Without quotes; empty where the server does not tell. */
  readonly etag: string;
  /** Undefined where the server does not tell. */
  readonly versionId: string | undefined;
}

/** What a key has now; undefined for nothing or a delete marker. */
export async function currentObject(
  bucket: Bucket,
  key: string,
  signal?: AbortSignal,
): Promise<CurrentObject | undefined> {
  const call = { operation: "HeadObject", key, ...(signal && { signal }) };
  try {
    const { ETag, VersionId } = await bucket.request(
      call,
      (client, sdk, http) =>
        client.send(new sdk.HeadObjectCommand({ Bucket: bucket.name, Key: key }), http),
    );
    return { etag: unquoteETag(ETag), versionId: VersionId };
  } catch (error) {
    if (error instanceof S3Error && error.status === 404) return undefined;
    throw error;
  }
}

/**
 * Whether a key still holds what was seen there.
 *
 * @param seenETag Empty for nothing, `*` for any object.
 */
export function isAsSeen(current: CurrentObject | undefined, seenETag: string): boolean {
  return current ? seenETag === "*" || current.etag === seenETag : seenETag === "";
}

/** That a key holds something else than was seen there. */
export function changedError(
  bucket: Bucket,
  key: string,
  seenETag: string,
  current: CurrentObject | undefined,
): S3Error {
  const describe = (etag = "") => etag === "" ? "no object" : `an object with ETag ${etag}`;
  return new S3Error(
    "TargetChanged",
    `${JSON.stringify(key)} in bucket ${bucket.name} was changed after it was compared with the ` +
      `snapshot: there was ${describe(seenETag)} then, there is ${describe(current?.etag)} now. ` +
      `It was left as it is: restore again, or force it`,
  );
}
