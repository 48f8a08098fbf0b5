/** Who may call, and what each caller may not do. */
import { allows, type Policy } from "./policy.ts";

/** Something that a caller may not do. All that is given must match. */
export interface DenyRule {
  /** An IAM action such as `s3:PutObject`; `s3:*` or left out means every one. */
  readonly action?: string;
  /** A bucket's name; left out means every one. */
  readonly bucket?: string;
  /** How a key begins; left out means every one. */
  readonly prefix?: string;
}

/** What the server knows of an access key. */
export interface Credential {
  /** The secret that signs requests. */
  readonly secretAccessKey: string;
  /** Needed in `x-amz-security-token` when given, refused when not. */
  readonly sessionToken?: string;
  /** What the caller may not do, whatever the policy says. */
  readonly deny?: readonly DenyRule[];
  /** What the caller may do. Default: everything. */
  readonly policy?: Policy;
}

/** A caller whose signature was verified. */
export interface Caller {
  /** The access key. */
  readonly accessKeyId: string;
  /** What the server knows of it. */
  readonly credential: Credential;
  /** The region that the signature names. */
  readonly region: string;
}

function applies(rule: DenyRule, action: string, bucket: string, key: string): boolean {
  return (rule.action === undefined || rule.action === "s3:*" || rule.action === action) &&
    (rule.bucket === undefined || rule.bucket === bucket) &&
    (rule.prefix === undefined || key.startsWith(rule.prefix));
}

/** True when no rule forbids `action` to the caller, and the policy, if there is one, allows it. */
export function isAllowed(
  { credential: { deny = [], policy } }: Caller,
  action: string,
  bucket: string,
  key: string,
): boolean {
  return !deny.some((rule) => applies(rule, action, bucket, key)) &&
    (!policy || allows(policy, action, arnOf(bucket, key)));
}

/** True when the caller may have S3 take on a role. */
export function mayPassRole({ credential: { policy } }: Caller, role: string): boolean {
  return !policy || allows(policy, PASS_ROLE, role);
}

/** What it takes to name a role that somebody else then takes on. */
export const PASS_ROLE = "iam:PassRole";

/** The name of a bucket, or of an object in it, among all of AWS. */
export function arnOf(bucket: string, key: string = ""): string {
  return `arn:aws:s3:::${bucket}${key && `/${key}`}`;
}
