/** Signature Version 4, as S3 verifies it: in the Authorization header or in the query. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import type { Caller, Credential } from "./credentials.ts";
import { S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";
import { encodePath, encodeUri } from "./uri.ts";

const ALGORITHM = "AWS4-HMAC-SHA256";
/** Longest life of a presigned URL, in seconds: seven days. */
const MAXIMUM_EXPIRY = 604_800;

/** What a verified signature leaves for the chunks of a body. */
export interface Signed {
  /** The caller. */
  readonly caller: Caller;
  /** The request's signature, which the first chunk's builds on. */
  readonly signature: string;
  /** `20261123T011530Z`. */
  readonly time: string;
  /** `date/region/s3/aws4_request`. */
  readonly scope: string;
  /** The derived key. */
  readonly signingKey: Uint8Array;
  /** `x-amz-content-sha256`, or what stands for it. */
  readonly payloadHash: string;
}

/** What the verifier knows. */
export interface SignatureOptions {
  /** By access key. */
  readonly credentials: ReadonlyMap<string, Credential>;
  /** The server's clock; milliseconds. */
  readonly now: number;
  /** How far the request's time may be off, in milliseconds; undefined is not checked. */
  readonly clockSkew?: number | undefined;
}

interface Claim {
  readonly accessKeyId: string;
  readonly scope: string;
  readonly date: string;
  readonly region: string;
  readonly time: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly payloadHash: string;
  readonly presigned: boolean;
}

/** HMAC-SHA256. */
export function hmac(key: Uint8Array | string, data: string): Uint8Array {
  return createHmac("sha256", key).update(data).digest();
}

/** SHA-256 in lower-case hexadecimal. */
export function sha256Hex(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The key that signs for one day, region and service. */
export function deriveSigningKey(
  secret: string,
  date: string,
  region: string,
  service: string,
): Uint8Array {
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request");
}

/** The text whose hash is signed. */
export function canonicalRequest(
  request: Pick<S3Request, "method" | "path" | "queryPairs" | "headers">,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const query = request.queryPairs
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encodeUri(name)}=${encodeUri(value)}`)
    .sort().join("&");
  const headers = signedHeaders.map((name) =>
    `${name}:${(request.headers[name] ?? "").trim().replace(/ +/g, " ")}\n`
  );
  return [
    request.method,
    encodePath(request.path),
    query,
    headers.join(""),
    signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
}

function parseCredential(
  credential: string,
): Pick<Claim, "accessKeyId" | "scope" | "date" | "region"> {
  const [accessKeyId = "", date = "", region = "", service = "", terminal = ""] = credential
    .split("/");
  if (service !== "s3" || terminal !== "aws4_request" || !/^\d{8}$/.test(date)) {
    throw new S3Error("AuthorizationHeaderMalformed", {}, {
      message: "The authorization header is malformed; the Credential is mal-formed; expecting " +
        '"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    });
  }
  return { accessKeyId, scope: `${date}/${region}/s3/aws4_request`, date, region };
}

function readHeaderClaim(request: S3Request, authorization: string): Claim {
  const [scheme, ...rest] = authorization.split(" ");
  if (scheme !== ALGORITHM) {
    throw new S3Error("InvalidRequest", {}, {
      message: "The authorization mechanism you have provided is not supported. Please use " +
        `${ALGORITHM}.`,
    });
  }
  const fields = new Map(
    rest.join("").split(",").map((field): [string, string] => {
      const equals = field.indexOf("=");
      return [field.slice(0, equals), field.slice(equals + 1)];
    }),
  );
  const time = request.headers["x-amz-date"];
  const credential = fields.get("Credential");
  const signedHeaders = fields.get("SignedHeaders");
  const signature = fields.get("Signature");
  if (!credential || !signedHeaders || !signature) {
    throw new S3Error("AuthorizationHeaderMalformed");
  }
  if (!time) {
    throw new S3Error("AccessDenied", {}, {
      message: "AWS authentication requires a valid Date or x-amz-date header",
    });
  }
  const payloadHash = request.headers["x-amz-content-sha256"];
  if (payloadHash === undefined) {
    throw new S3Error("InvalidRequest", {}, {
      message: "Missing required header for this request: x-amz-content-sha256",
    });
  }
  return {
    ...parseCredential(credential),
    time,
    signedHeaders: signedHeaders.split(";"),
    signature,
    payloadHash,
    presigned: false,
  };
}

function readQueryClaim(request: S3Request, now: number): Claim {
  const get = (name: string): string => {
    const value = request.query.get(name);
    if (value === undefined) throw new S3Error("AuthorizationQueryParametersError");
    return value;
  };
  const time = get("X-Amz-Date");
  const expires = Number(get("X-Amz-Expires"));
  if (get("X-Amz-Algorithm") !== ALGORITHM || !(expires > 0 && expires <= MAXIMUM_EXPIRY)) {
    throw new S3Error("AuthorizationQueryParametersError");
  }
  if (now > parseTime(time) + expires * 1_000) {
    throw new S3Error("AccessDenied", {}, { message: "Request has expired" });
  }
  return {
    ...parseCredential(get("X-Amz-Credential")),
    time,
    signedHeaders: get("X-Amz-SignedHeaders").split(";"),
    signature: get("X-Amz-Signature"),
    payloadHash: request.headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD",
    presigned: true,
  };
}

function parseTime(time: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time);
  if (!match) {
    throw new S3Error("AccessDenied", {}, {
      message: "AWS authentication requires a valid Date or x-amz-date header",
    });
  }
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function readClaim(request: S3Request, now: number): Claim {
  const authorization = request.headers["authorization"];
  if (authorization !== undefined) return readHeaderClaim(request, authorization);
  if (request.query.has("X-Amz-Signature")) return readQueryClaim(request, now);
  // Nothing here is public.
  throw new S3Error("AccessDenied");
}

function checkToken(request: S3Request, credential: Credential): void {
  const sent = request.headers["x-amz-security-token"] ??
    request.query.get("X-Amz-Security-Token");
  if (sent !== credential.sessionToken) throw new S3Error("InvalidToken");
}

function checkSignedHeaders(request: S3Request, claim: Claim): void {
  const unsigned = Object.keys(request.headers).filter((name) =>
    (name.startsWith("x-amz-") || name === "host") && !claim.signedHeaders.includes(name)
  );
  if (unsigned.length === 0) return;
  throw new S3Error("AccessDenied", { HeadersNotSigned: unsigned.join(", ") }, {
    message: "There were headers present in the request which were not signed",
  });
}

function checkTime(claim: Claim, options: SignatureOptions): void {
  const time = parseTime(claim.time);
  if (claim.presigned || options.clockSkew === undefined) return;
  if (Math.abs(time - options.now) <= options.clockSkew) return;
  throw new S3Error("RequestTimeTooSkewed", {
    RequestTime: claim.time,
    ServerTime: new Date(options.now).toISOString(),
  });
}

/** Compares two hexadecimal digests without telling by the time taken where they differ. */
export function equalDigests(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/**
 * Verifies who sent a request. The body's hash is taken as claimed; see body.ts.
 *
 * @throws {S3Error} AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch and their like.
 */
export function verifySignature(request: S3Request, options: SignatureOptions): Signed {
  const claim = readClaim(request, options.now);
  const credential = options.credentials.get(claim.accessKeyId);
  if (!credential) throw new S3Error("InvalidAccessKeyId", { AWSAccessKeyId: claim.accessKeyId });
  checkToken(request, credential);
  checkSignedHeaders(request, claim);
  checkTime(claim, options);

  const { scope, time, payloadHash } = claim;
  const canonical = canonicalRequest(request, claim.signedHeaders, payloadHash);
  const toSign = [ALGORITHM, time, scope, sha256Hex(canonical)].join("\n");
  const signingKey = deriveSigningKey(
    credential.secretAccessKey,
    claim.date,
    claim.region,
    "s3",
  );
  const expected = Buffer.from(hmac(signingKey, toSign)).toString("hex");
  if (!time.startsWith(claim.date) || !equalDigests(expected, claim.signature)) {
    throw new S3Error("SignatureDoesNotMatch", {
      AWSAccessKeyId: claim.accessKeyId,
      StringToSign: toSign,
      SignatureProvided: claim.signature,
      CanonicalRequest: canonical,
    });
  }
  const caller = { accessKeyId: claim.accessKeyId, credential, region: claim.region };
  return { caller, signature: claim.signature, time, scope, signingKey, payloadHash };
}
