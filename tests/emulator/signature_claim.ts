/** The parts of a request that carry its signature. */
import { S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";

/** The only way to sign that S3 still takes. */
export const ALGORITHM = "AWS4-HMAC-SHA256";
/** Longest life of a presigned URL, in seconds: seven days. */
const MAXIMUM_EXPIRY = 604_800;

/** What a request says of its signature. */
export interface Claim {
  /** Names the caller. */
  readonly accessKeyId: string;
  /** `date/region/s3/aws4_request`. */
  readonly scope: string;
  /** `20261123`, from the scope. */
  readonly date: string;
  /** From the scope. */
  readonly region: string;
  /** `20261123T011530Z`. */
  readonly time: string;
  /** Lower-case names, in the order signed. */
  readonly signedHeaders: readonly string[];
  /** Lower-case hexadecimal. */
  readonly signature: string;
  /** `x-amz-content-sha256`, or what stands for it. */
  readonly payloadHash: string;
  /** True when it stands in the query. */
  readonly presigned: boolean;
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

/**
 * Milliseconds of a time in a signature.
 *
 * @throws {S3Error} AccessDenied, when it is none.
 */
export function parseTime(time: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time);
  if (!match) {
    throw new S3Error("AccessDenied", {}, {
      message: "AWS authentication requires a valid Date or x-amz-date header",
    });
  }
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/**
 * Reads what a request says of its signature, in a header or else in the query.
 *
 * @throws {S3Error} for a request without a signature or with one that cannot be read.
 */
export function readClaim(request: S3Request, now: number): Claim {
  const authorization = request.headers["authorization"];
  if (authorization !== undefined) return readHeaderClaim(request, authorization);
  if (request.query.has("X-Amz-Signature")) return readQueryClaim(request, now);
  // Nothing here is public.
  throw new S3Error("AccessDenied");
}
