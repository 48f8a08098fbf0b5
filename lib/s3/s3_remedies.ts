import type { S3Call } from "./s3_call.ts";

/** What IAM must allow for an operation; those not listed are called like the operation. */
const PERMISSIONS: Readonly<Record<string, string>> = {
  AbortMultipartUpload: "s3:AbortMultipartUpload",
  CompleteMultipartUpload: "s3:PutObject and s3:GetObject",
  CopyObject:
    "s3:PutObject, s3:GetObject and s3:PutObjectTagging here (and s3:PutObjectAcl for --acl), s3:GetObjectVersion and s3:GetObjectVersionTagging on the source",
  CreateMultipartUpload: "s3:PutObject and s3:PutObjectTagging (and s3:PutObjectAcl for --acl)",
  DeleteBucketReplication: "s3:PutReplicationConfiguration",
  DeleteObject: "s3:DeleteObject",
  DeleteObjects: "s3:DeleteObject and s3:DeleteObjectVersion",
  GetBucketLifecycleConfiguration: "s3:GetLifecycleConfiguration",
  GetBucketReplication: "s3:GetReplicationConfiguration",
  GetObject:
    "s3:GetObject and s3:GetObjectVersion (or s3:ListBucket, to be told that it is missing)",
  GetObjectAcl: "s3:GetObjectVersionAcl",
  GetObjectTagging: "s3:GetObjectTagging and s3:GetObjectVersionTagging",
  HeadBucket: "s3:ListBucket",
  HeadObject:
    "s3:GetObject and s3:GetObjectVersion (or s3:ListBucket, to be told that it is missing)",
  ListObjectVersions: "s3:ListBucketVersions",
  ListObjectsV2: "s3:ListBucket",
  PutBucketReplication: "s3:PutReplicationConfiguration, and iam:PassRole for its role",
  PutObject: "s3:PutObject, s3:GetObject and s3:PutObjectTagging (and s3:PutObjectAcl for --acl)",
  PutObjectTagging: "s3:PutObjectVersionTagging",
  UploadPart: "s3:PutObject",
  UploadPartCopy: "s3:PutObject here, s3:GetObjectVersion on the source",
};

const WRONG_REGION = [
  "PermanentRedirect",
  "TemporaryRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
  "BadRequest",
];

/** What may be behind it when versions are not to be deleted. */
export const DELETION_DENIED =
  "Object Lock or a legal hold may keep the version, or the credentials may lack the permission " +
  "for s3:DeleteObjectVersion, or a bucket policy refuses them";
/** Operations that may delete versions. */
const DELETIONS = ["DeleteObject", "DeleteObjects"];

/**
 * What the user can do about an error, ready to follow its message; empty where the server's own
 * words must do.
 *
 * @param region Where the bucket really is, if the server said so.
 */
export function describeRemedy(code: string, call: S3Call, region: string | undefined): string {
  if (region !== undefined && WRONG_REGION.includes(code)) {
    return `. The bucket is in another region: its URL must say region=${region}`;
  }
  const remedy = REMEDIES[code]?.(call);
  return remedy === undefined ? "" : `. ${remedy}`;
}

const REMEDIES: Readonly<Record<string, (call: S3Call) => string | undefined>> = {
  AccessControlListNotSupported: ({ bucket }) =>
    `Bucket ${bucket} has access control lists disabled (object ownership is enforced): restore ` +
    `without --acl, or enable them there`,
  AccessDenied: ({ operation }) =>
    `The credentials may lack the permission for ${PERMISSIONS[operation] ?? `s3:${operation}`}, ` +
    `or a bucket policy refuses them` +
    (DELETIONS.includes(operation) ? ". Versions may be kept by Object Lock or a legal hold" : ""),
  AuthorizationHeaderMalformed: () => "Give the bucket's region in its URL: ?region=REGION",
  InvalidAccessKeyId: ({ endpoint }) =>
    `${endpoint ?? "AWS"} does not know this access key: check AWS_ACCESS_KEY_ID or the profile`,
  MethodNotAllowed: ({ operation }) =>
    operation === "PutBucketReplication"
      ? "This server does not replicate from bucket to bucket: go without (no --apply), and use sync"
      : undefined,
  NoCredentials: () =>
    "Looked in the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), the profile in " +
    "~/.aws/credentials and ~/.aws/config, SSO, web identity, and the container's or instance's " +
    "role: set one of them up, or name a profile with ?profile=NAME",
  NoSuchBucket: ({ endpoint }) =>
    `No such bucket at ${endpoint ?? "AWS"}: check its name and its endpoint, or create it`,
  PermanentRedirect: () => "Give the bucket's region in its URL: ?region=REGION",
  RequestTimeTooSkewed: () => "This machine's clock differs too much from the server's: set it",
  SignatureDoesNotMatch: () =>
    "The secret key does not belong to the access key: check AWS_SECRET_ACCESS_KEY or the profile",
  SlowDown: () => "The server asks for fewer requests: lower the concurrency, or try again later",
  UnreadableAnswer: ({ endpoint }) => `Is ${endpoint ?? "this"} the address of an S3 server?`,
  Unreachable: ({ endpoint }) =>
    endpoint === undefined
      ? "Check the network, proxies and the region's name"
      : `Check that a server listens at ${endpoint}, and whether it speaks http or https`,
};
