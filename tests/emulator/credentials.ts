/** Who may call, and what each caller may not do. */
import { S3Error } from "./errors.ts";

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
  /** What the caller may not do; everything else is allowed. */
  readonly deny?: readonly DenyRule[];
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

/** True when no rule forbids `action` to the caller. */
export function isAllowed(caller: Caller, action: string, bucket: string, key: string): boolean {
  return !caller.credential.deny?.some((rule) => applies(rule, action, bucket, key));
}

/**
 * Refuses what a rule forbids.
 *
 * @throws {S3Error} AccessDenied.
 */
export function authorize(caller: Caller, action: string, bucket: string, key: string): void {
  if (isAllowed(caller, action, bucket, key)) return;
  throw new S3Error("AccessDenied", {}, {
    message: `User: ${caller.accessKeyId} is not authorized to perform: ${action} on resource: ` +
      `"arn:aws:s3:::${bucket}${key && `/${key}`}"`,
  });
}
