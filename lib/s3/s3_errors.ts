import { S3Error } from "../model/errors.ts";
import type { S3Call } from "./s3_call.ts";
import { describeRemedy } from "./s3_remedies.ts";

/** What the SDK and the sockets below it throw, as far as it is read here. */
interface ErrorLike {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  readonly Region?: unknown;
}

/** Errors of the network that never reached a server, or lost it. */
const NETWORK_CODE =
  /^(E[A-Z_]+|ERR_(SSL|TLS|HTTP2|STREAM|SOCKET)_.*|CERT_.*|.*_CERT.*|UNABLE_TO_.*)$/;
/** Some answers have no code, such as those to HEAD: what their status means. */
const CODES_BY_STATUS: Readonly<Record<number, string>> = {
  // Neither an S3 document nor an S3 error.
  200: "UnreadableAnswer",
  301: "PermanentRedirect",
  400: "BadRequest",
  403: "AccessDenied",
  404: "NotFound",
  412: "PreconditionFailed",
  429: "SlowDown",
  503: "SlowDown",
};
/** Names that the SDK gives when an answer held no code. */
const NAMELESS = /^(Unknown|UnknownError|NotFound|Error|\d*)$/;
const RETRYABLE_STATUSES = [429, 500, 502, 503, 504];

/**
 * Say what failed, where and what to do. An {@linkcode S3Error} comes back as it is.
 *
 * @param error What the SDK threw. Aborts are the caller's to recognise, by their signal.
 */
export function toS3Error(error: unknown, call: S3Call): S3Error {
  if (error instanceof S3Error) return error;
  const like = (typeof error === "object" && error !== null ? error : {}) as ErrorLike;
  const status = like.$metadata?.httpStatusCode;
  const code = codeOf(like, status, call);
  const remedy = describeRemedy(code, call, regionOf(like));
  return new S3Error(code, `${describeCall(call)}: ${describeCause(like, code, status)}${remedy}`, {
    cause: error,
    retryable: code === "Unreachable" || RETRYABLE_STATUSES.includes(status ?? 0),
    status,
  });
}

function codeOf(like: ErrorLike, status: number | undefined, call: S3Call): string {
  const name = String(like.name ?? "");
  if (name === "CredentialsProviderError" || name === "TokenProviderError") return "NoCredentials";
  if (status === undefined) {
    return name === "TimeoutError" || NETWORK_CODE.test(String(like.code)) ? "Unreachable" : name;
  }
  if (!NAMELESS.test(name)) return name;
  if (status !== 404) return CODES_BY_STATUS[status] ?? `HTTP${status}`;
  return call.key === undefined ? "NoSuchBucket" : "NoSuchKey";
}

/** The region that the bucket is really in, where the answer says so. */
function regionOf(like: ErrorLike): string | undefined {
  if (typeof like.Region === "string") return like.Region;
  const header = like.$response?.headers?.["x-amz-bucket-region"];
  if (header !== undefined) return header;
  return /expecting '([0-9a-z-]+)'/.exec(String(like.message))?.[1];
}

function describeCall({ operation, bucket, key }: S3Call): string {
  const what = key === undefined
    ? `bucket ${bucket}`
    : `${JSON.stringify(key)} in bucket ${bucket}`;
  return `${operation} failed for ${what}`;
}

function describeCause(like: ErrorLike, code: string, status: number | undefined): string {
  const message = String(like.message ?? "");
  const useful = message !== "" && message !== code && !NAMELESS.test(message);
  const answer = status === undefined ? code : `${code} (HTTP ${status})`;
  return useful ? `${answer}: ${message.replace(/\.$/, "")}` : answer;
}
