/** Objects put into a bucket directly, without HTTP: thousands in an instant. */
import type { Bucket } from "./bucket.ts";
import { toWholeSecond } from "./clock.ts";
import { type Content, toHex } from "./content.ts";
import { GeneratedContent } from "./generated_content.ts";
import { HeldContent } from "./held_content.ts";
import { multipartETag } from "./multipart_etag.ts";
import type { ObjectAttributes, StoredObject } from "./object_version.ts";
import type { State } from "./state.ts";

/** An object to be put into a bucket, or a delete marker. */
export interface SeedObject extends Partial<ObjectAttributes> {
  /** The key. */
  readonly key: string;
  /** The bytes; a number stands for as many generated ones, which are not held. */
  readonly body?: string | Uint8Array | number;
  /** Bytes of each part but the last, for an object as a multipart upload would leave it. */
  readonly partSize?: number;
  /** Milliseconds; default the server's clock. */
  readonly lastModified?: number;
  /** True for a delete marker; the rest is then left out. */
  readonly deleteMarker?: boolean;
}

function contentOf(state: State, body: string | Uint8Array | number): Content {
  if (typeof body === "number") {
    return new GeneratedContent(Math.floor(state.random.next() * 2 ** 32), 0, body);
  }
  return new HeldContent(typeof body === "string" ? new TextEncoder().encode(body) : body);
}

function split(content: Content, partSize: number): Content[] {
  const parts: Content[] = [];
  for (let at = 0; at < content.size; at += partSize) {
    parts.push(content.slice(at, Math.min(at + partSize, content.size)));
  }
  return parts;
}

function identityOf(
  content: Content,
  partSize: number | undefined,
): Pick<StoredObject, "etag" | "parts"> {
  if (partSize === undefined) return { etag: toHex(content.md5()) };
  const parts = split(content, partSize);
  return {
    etag: multipartETag(parts.map((part) => toHex(part.md5()))),
    parts: parts.map(({ size }, index) => ({ partNumber: index + 1, size })),
  };
}

/**
 * Writes one object as PutObject would, replication included.
 *
 * @returns the version id.
 */
export function seedObject(state: State, bucket: Bucket, seed: SeedObject): string | undefined {
  const { key, body = "", partSize, lastModified, deleteMarker, ...attributes } = seed;
  const stamp = state.stamp();
  const dated = {
    ...stamp,
    lastModified: lastModified === undefined ? stamp.lastModified : toWholeSecond(lastModified),
  };
  if (deleteMarker) {
    const marker = bucket.deleteCurrent(key, dated);
    if (marker) state.replicator.enqueue(bucket, marker);
    return marker?.versionId;
  }
  const content = contentOf(state, body);
  const version = bucket.put(key, {
    contentHeaders: { "content-type": "binary/octet-stream" },
    metadata: {},
    tags: [],
    storageClass: "STANDARD",
    encryption: { "x-amz-server-side-encryption": "AES256" },
    ...attributes,
    content,
    ...identityOf(content, partSize),
  }, dated);
  state.replicator.enqueue(bucket, version);
  return version.versionId;
}
