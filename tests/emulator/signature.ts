/** Signature Version 4, as S3 verifies it: in the Authorization header or in the query. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import type { Caller, Credential } from "./credentials.ts";
import { S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";
import { ALGORITHM, type Claim, parseTime, readClaim } from "./signature_claim.ts";
import { encodePath, encodeUri } from "./uri.ts";

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

/** HMAC-SHA256. */
export function hmac(key: Uint8Array | string, data: string): Uint8Array {
  return createHmac("sha256", key).update(data).digest();
}

/** SHA-256 in lower-case hexadecimal. */
export function sha256Hex(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The key that signs for one day, region and service. */
function deriveSigningKey(
  secret: string,
  date: string,
  region: string,
  service: string,
): Uint8Array {
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request");
}

/** The text whose hash is signed. */
function canonicalRequest(
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
