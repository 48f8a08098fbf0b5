/** What was asked of a server, for messages. */
export interface S3Call {
  /** The S3 API's name of the operation: `ListObjectVersions`. */
  readonly operation: string;
  readonly bucket: string;
  /** Where the operation concerns one object. */
  readonly key?: string;
  /** Address of the server; left out for AWS. */
  readonly endpoint?: string;
}
