/**
 * How a bucket is named, on the command line, in configuration and in the library:
 *
 *     s3://NAME[/PREFIX]?region=eu-west-1&endpoint=http://127.0.0.1:7480&profile=prod&path-style=true
 */
import { InputError } from "../model/errors.ts";
import { nearest } from "../model/nearest.ts";

/** Where a bucket is. Never holds credentials. */
export interface BucketLocation {
  /** The bucket's name alone. */
  readonly bucket: string;
  /** Every operation is limited to the keys that begin with it; empty for the whole bucket. */
  readonly prefix: string;
  /** Left out: what the AWS configuration says, or else what the bucket's server says. */
  readonly region?: string;
  /** Of an S3-compatible server, `http://` or `https://`; left out for AWS. */
  readonly endpoint?: string;
  /** Name of a profile in the AWS configuration files. */
  readonly profile?: string;
  /** Whether the bucket goes into the request's path rather than into the host name. */
  readonly pathStyle: boolean;
}

const PARAMETERS = ["region", "endpoint", "profile", "path-style"] as const;
type Parameters = Partial<Record<typeof PARAMETERS[number], string>>;

const BUCKET_URL = /^s3:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(#.*)?$/s;
/** The rules of today and those of the buckets that AWS created before March 2018. */
const BUCKET_NAME = /^(?!.*\.\.)[0-9A-Za-z][0-9A-Za-z._-]{1,253}[0-9A-Za-z]$/;
const REGION = /^[0-9A-Za-z][0-9A-Za-z-]*$/;
/** Query parameters that other programs take credentials from. */
const SECRET_PARAMETER = /key|secret|token|password|credential/i;

/**
 * Read a bucket's URL. The prefix may be percent-encoded, and must be where it holds `%`, `?` or
 * `#`. `path-style` defaults to true when an endpoint is given, and to false otherwise.
 *
 * @throws {InputError} when the URL is malformed, holds credentials or an unknown parameter
 *
 * @example
 * ```ts
 * import { parseBucketUrl } from "./bucket_url.ts";
 *
 * const { bucket, prefix, region } = parseBucketUrl("s3://photos/2026/?region=eu-west-1");
 * ```
 */
export function parseBucketUrl(text: string): BucketLocation {
  const match = BUCKET_URL.exec(text);
  if (!match) throw new InputError(describeOtherForm(text));
  const [, bucket = "", rawPrefix = "", query = "", fragment] = match;
  if (bucket.includes("@")) throw credentialsError();
  if (fragment !== undefined) {
    throw new InputError(`the URL of bucket ${bucket} holds "#": write it as %23`);
  }
  const { region, endpoint, profile, "path-style": pathStyle } = parseQuery(bucket, query);
  const location = {
    bucket,
    prefix: decodePrefix(bucket, rawPrefix),
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(profile !== undefined && { profile }),
    pathStyle: pathStyle === undefined ? endpoint !== undefined : parseBoolean(bucket, pathStyle),
  };
  assertBucketLocation(location);
  return location;
}

/**
 * The URL that {@linkcode parseBucketUrl} reads back into the same location.
 *
 * @example
 * ```ts ignore
 * const url = formatBucketUrl({ bucket: "photos", prefix: "2026/", pathStyle: false });
 * ```
 */
export function formatBucketUrl(location: BucketLocation): string {
  const { bucket, prefix, region, endpoint, profile, pathStyle } = location;
  const query = new URLSearchParams();
  if (region !== undefined) query.set("region", region);
  if (endpoint !== undefined) query.set("endpoint", endpoint);
  if (profile !== undefined) query.set("profile", profile);
  if (pathStyle !== (endpoint !== undefined)) query.set("path-style", String(pathStyle));
  const path = prefix === "" ? "" : `/${encodePrefix(prefix)}`;
  // Inside a query only these two need no encoding that URLSearchParams gives them.
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2F", "/");
  return `s3://${bucket}${path}${text === "" ? "" : `?${text}`}`;
}

/**
 * Refuse a location that no server could have, before any request.
 *
 * @throws {InputError} naming what is wrong and what is accepted
 */
export function assertBucketLocation(location: BucketLocation): void {
  const { bucket, prefix, region, endpoint, profile } = location;
  if (!BUCKET_NAME.test(bucket)) {
    throw new InputError(
      `${JSON.stringify(bucket)} is no bucket's name: use 3 to 63 lower-case letters, digits, ` +
        `"." and "-", beginning and ending with a letter or digit`,
    );
  }
  if (!prefix.isWellFormed()) {
    throw new InputError(`the prefix for bucket ${bucket} holds half of a surrogate pair`);
  }
  if (region !== undefined && !REGION.test(region)) {
    throw new InputError(
      `${JSON.stringify(region)} is no region (bucket ${bucket}): use a name such as eu-west-1`,
    );
  }
  if (endpoint !== undefined) assertEndpoint(bucket, endpoint);
  if (profile === "") {
    throw new InputError(`the profile for bucket ${bucket} is empty: name one, or leave it out`);
  }
}

function assertEndpoint(bucket: string, endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url && (url.username !== "" || url.password !== "")) throw credentialsError();
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new InputError(
      `the endpoint for bucket ${bucket} is no address of a server: use a URL such as ` +
        `https://s3.example.org or http://127.0.0.1:7480`,
    );
  }
}

function parseQuery(bucket: string, query: string): Parameters {
  const parameters: Parameters = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const known = PARAMETERS.find((parameter) => parameter === name);
    if (known === undefined) throw unknownParameter(bucket, name);
    if (parameters[known] !== undefined) {
      throw new InputError(`the URL of bucket ${bucket} gives ${known} twice: give it once`);
    }
    parameters[known] = value;
  }
  return parameters;
}

function unknownParameter(bucket: string, name: string): InputError {
  const near = nearest(name, PARAMETERS);
  if (near === undefined && SECRET_PARAMETER.test(name)) return credentialsError();
  return new InputError(
    `the URL of bucket ${bucket} has an unknown parameter ${JSON.stringify(name)}: ` +
      (near === undefined ? `known are ${PARAMETERS.join(", ")}` : `did you mean ${near}?`),
  );
}

function parseBoolean(bucket: string, text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new InputError(
    `path-style of bucket ${bucket} is ${JSON.stringify(text)}: use true or false`,
  );
}

function decodePrefix(bucket: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    const shown = JSON.stringify(text);
    throw new InputError(
      `the prefix ${shown} of bucket ${bucket} is not percent-encoded UTF-8: write % as %25`,
      { cause },
    );
  }
}

function encodePrefix(prefix: string): string {
  return encodeURIComponent(prefix).replaceAll("%2F", "/");
}

/** Does not repeat the text where it may hold credentials. */
function describeOtherForm(text: string): string {
  const form = "name a bucket as s3://NAME[/PREFIX][?region=REGION&endpoint=URL]";
  if (/^[0-9A-Za-z._-]+$/.test(text)) {
    return `${JSON.stringify(text)} is no bucket's URL: did you mean s3://${text}?`;
  }
  const scheme = /^([0-9A-Za-z+.-]+):/.exec(text)?.[1];
  if (scheme === undefined) return `this is no bucket's URL: ${form}`;
  return `a URL that begins with ${scheme}: names no bucket: ${form}`;
}

function credentialsError(): InputError {
  return new InputError(
    "a bucket's URL must not hold credentials, since URLs end up in logs and snapshots: set " +
      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with ?profile=NAME",
  );
}

/** A bucket's name among all of AWS. */
export function bucketArn({ bucket, region = "" }: BucketLocation): string {
  return `arn:${partitionOf(region)}:s3:::${bucket}`;
}

/** Which part of AWS a region belongs to: they know nothing of each other. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
