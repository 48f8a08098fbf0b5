/** A multipart upload in progress. */
import type { ChecksumAlgorithm, ChecksumValue } from "./checksum.ts";
import type { Content } from "./content.ts";
import type { ObjectAttributes, VersionStamp } from "./object_version.ts";

/** A part that was uploaded. */
export interface UploadedPart {
  /** 1 to 10,000. */
  readonly partNumber: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds, a whole second. */
  readonly lastModified: number;
  /** The bytes. */
  readonly content: Content;
  /** The part's checksum, when the client sent one. */
  readonly checksum?: ChecksumValue | undefined;
}

/** An upload between its creation and its end. */
export interface Upload {
  /** Names the upload. */
  readonly uploadId: string;
  /** The key it will have. */
  readonly key: string;
  /** What the object will be like. */
  readonly attributes: ObjectAttributes;
  /** Identity of the version: S3 dates and orders an upload by its beginning. */
  readonly stamp: VersionStamp;
  /** The checksum that the parts must have. */
  readonly checksumAlgorithm?: ChecksumAlgorithm | undefined;
  /** What the object's checksum is made of. */
  readonly checksumType?: ChecksumValue["type"] | undefined;
  /** By part number. */
  readonly parts: Map<number, UploadedPart>;
}
