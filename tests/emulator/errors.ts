/** The errors that S3 answers with: code, HTTP status and message, as AWS documents them. */

/** What an error code comes with. */
export interface ErrorKind {
  /** HTTP status. */
  readonly status: number;
  /** The usual message. */
  readonly message: string;
}

/** The codes, with the status and message that AWS documents. */
export const ERROR_KINDS = {
  AccessControlListNotSupported: {
    status: 400,
    message: "The bucket does not allow ACLs",
  },
  AccessDenied: { status: 403, message: "Access Denied" },
  AuthorizationHeaderMalformed: {
    status: 400,
    message: "The authorization header is malformed.",
  },
  AuthorizationQueryParametersError: {
    status: 400,
    message: "The query parameters of the presigned URL are malformed.",
  },
  BadDigest: {
    status: 400,
    message: "The digest or checksum you specified did not match what we received.",
  },
  BadRequest: { status: 400, message: "The request cannot be served as it stands." },
  BucketAlreadyOwnedByYou: {
    status: 409,
    message: "Your previous request to create the named bucket succeeded and you already own it.",
  },
  BucketNotEmpty: { status: 409, message: "The bucket you tried to delete is not empty" },
  EntityTooLarge: {
    status: 400,
    message: "Your proposed upload exceeds the maximum allowed size",
  },
  EntityTooSmall: {
    status: 400,
    message: "Your proposed upload is smaller than the minimum allowed size",
  },
  IllegalLocationConstraintException: {
    status: 400,
    message: "The location constraint is incompatible with the region this request was sent to.",
  },
  IncompleteBody: {
    status: 400,
    message: "You did not provide the number of bytes specified by the Content-Length header",
  },
  InternalError: {
    status: 500,
    message: "We encountered an internal error. Please try again.",
  },
  InvalidAccessKeyId: {
    status: 403,
    message: "The AWS Access Key Id you provided does not exist in our records.",
  },
  InvalidArgument: { status: 400, message: "Invalid Argument" },
  InvalidBucketName: { status: 400, message: "The specified bucket is not valid." },
  InvalidBucketState: {
    status: 409,
    message: "The request is not valid with the current state of the bucket.",
  },
  InvalidDigest: { status: 400, message: "The Content-MD5 you specified was invalid." },
  InvalidLocationConstraint: {
    status: 400,
    message: "The specified location-constraint is not valid",
  },
  InvalidObjectState: {
    status: 403,
    message: "The operation is not valid for the object's storage class",
  },
  InvalidPart: {
    status: 400,
    message: "One or more of the specified parts could not be found. The part may not have been " +
      "uploaded, or the specified entity tag may not match the part's entity tag.",
  },
  InvalidPartNumber: {
    status: 416,
    message: "The requested partnumber is not satisfiable",
  },
  InvalidPartOrder: {
    status: 400,
    message: "The list of parts was not in ascending order. Parts must be ordered by part number.",
  },
  InvalidRange: { status: 416, message: "The requested range is not satisfiable" },
  InvalidRequest: { status: 400, message: "Invalid Request" },
  InvalidStorageClass: {
    status: 400,
    message: "The storage class you specified is not valid",
  },
  InvalidTag: { status: 400, message: "The tag provided was not a valid tag." },
  InvalidToken: { status: 400, message: "The provided token is malformed or otherwise invalid." },
  InvalidURI: { status: 400, message: "Couldn't parse the specified URI." },
  KeyTooLongError: { status: 400, message: "Your key is too long" },
  MalformedXML: {
    status: 400,
    message: "The XML you provided was not well-formed or did not validate against our published " +
      "schema",
  },
  MetadataTooLarge: {
    status: 400,
    message: "Your metadata headers exceed the maximum allowed metadata size",
  },
  MethodNotAllowed: {
    status: 405,
    message: "The specified method is not allowed against this resource.",
  },
  MissingContentLength: {
    status: 411,
    message: "You must provide the Content-Length HTTP header.",
  },
  NoSuchBucket: { status: 404, message: "The specified bucket does not exist" },
  NoSuchKey: { status: 404, message: "The specified key does not exist." },
  NoSuchLifecycleConfiguration: {
    status: 404,
    message: "The lifecycle configuration does not exist",
  },
  NoSuchObjectLockConfiguration: {
    status: 404,
    message: "The specified object does not have a ObjectLock configuration",
  },
  NoSuchUpload: {
    status: 404,
    message: "The specified upload does not exist. The upload ID may be invalid, or the upload " +
      "may have been aborted or completed.",
  },
  NoSuchVersion: { status: 404, message: "The specified version does not exist." },
  NotImplemented: {
    status: 501,
    message: "A header or query you provided implies functionality that is not implemented",
  },
  ObjectLockConfigurationNotFoundError: {
    status: 404,
    message: "Object Lock configuration does not exist for this bucket",
  },
  PermanentRedirect: {
    status: 301,
    message: "The bucket you are attempting to access must be addressed using the specified " +
      "endpoint. Please send all future requests to this endpoint.",
  },
  PreconditionFailed: {
    status: 412,
    message: "At least one of the pre-conditions you specified did not hold",
  },
  ReplicationConfigurationNotFoundError: {
    status: 404,
    message: "The replication configuration was not found",
  },
  RequestTimeTooSkewed: {
    status: 403,
    message: "The difference between the request time and the current time is too large.",
  },
  RestoreAlreadyInProgress: {
    status: 409,
    message: "Object restore is already in progress",
  },
  SignatureDoesNotMatch: {
    status: 403,
    message: "The request signature we calculated does not match the signature you provided. " +
      "Check your key and signing method.",
  },
  SlowDown: { status: 503, message: "Please reduce your request rate." },
  XAmzContentSHA256Mismatch: {
    status: 400,
    message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
  },
} as const satisfies Record<string, ErrorKind>;

/** An error code that S3 documents and this emulator uses. */
export type S3ErrorCode = keyof typeof ERROR_KINDS;

/** What an error may carry besides its code. */
export interface S3ErrorOptions {
  /** Replaces the code's usual message. */
  readonly message?: string;
  /** Replaces the code's usual HTTP status. */
  readonly status?: number;
  /** Headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What led to it; for the developer, not sent. */
  readonly cause?: unknown;
}

/** A failed operation, as the client will see it. */
export class S3Error extends Error {
  /** Stable error code. */
  readonly code: S3ErrorCode;
  /** HTTP status. */
  readonly status: number;
  /** Further elements of the error document, such as `Key`. */
  readonly details: Readonly<Record<string, string>>;
  /** Headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;

  /** An error with the code's status and message unless `options` say otherwise. */
  constructor(
    code: S3ErrorCode,
    details: Readonly<Record<string, string>> = {},
    options: S3ErrorOptions = {},
  ) {
    const kind: ErrorKind = ERROR_KINDS[code];
    super(options.message ?? kind.message, { cause: options.cause });
    this.name = "S3Error";
    this.code = code;
    this.status = options.status ?? kind.status;
    this.details = details;
    this.headers = options.headers ?? {};
  }
}

/** An InvalidArgument that names the argument and its value, as AWS does. */
export function invalidArgument(name: string, value: string, message: string): S3Error {
  return new S3Error("InvalidArgument", { ArgumentName: name, ArgumentValue: value }, { message });
}
