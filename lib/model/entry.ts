/** One object as a snapshot holds it: enough to find its bytes again and to recognise them. */
export interface Entry {
  /** Any Unicode text, up to 1,024 bytes of UTF-8. */
  readonly key: string;
  /** `"null"` for a version written before versioning was enabled, or while it was suspended. */
  readonly versionId: string;
  /** Bytes. */
  readonly size: number;
  /** Without quotes; `<md5>` or `<md5>-<parts>`, but any text is kept. Empty where unknown. */
  readonly etag: string;
  /** Milliseconds since 1970, by the server's clock. */
  readonly lastModified: number;
  /** `STANDARD` where the server names none. */
  readonly storageClass: string;
}

/** One version or delete marker as a bucket's listing shows it. */
export interface ObjectVersion extends Entry {
  readonly isDeleteMarker: boolean;
  /** Whether the server called it the current one when it was listed. */
  readonly isLatest: boolean;
}
