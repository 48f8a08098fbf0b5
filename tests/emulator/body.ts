/** The body of a request: verified against its signature, and freed of aws-chunked framing. */
import { Buffer } from "node:buffer";
import { S3Error } from "./errors.ts";
import { equalDigests, hmac, sha256Hex, type Signed } from "./signature.ts";

/** A body without framing, and the headers that followed it. */
export interface DecodedBody {
  /** The bytes that the client meant to send. */
  readonly bytes: Uint8Array;
  /** Trailing headers by lower-case name. */
  readonly trailers: Readonly<Record<string, string>>;
}

const UNSIGNED = "UNSIGNED-PAYLOAD";
const UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_CHUNKS_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const STREAMING: readonly string[] = [UNSIGNED_TRAILER, SIGNED_CHUNKS, SIGNED_CHUNKS_TRAILER];
const EMPTY_HASH = sha256Hex("");

/**
 * Verifies and decodes a body.
 *
 * @throws {S3Error} XAmzContentSHA256Mismatch, SignatureDoesNotMatch, IncompleteBody.
 */
export function decodeBody(
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  signed: Signed,
): DecodedBody {
  const { payloadHash } = signed;
  if (STREAMING.includes(payloadHash)) return decodeChunks(body, headers, signed);
  if (payloadHash !== UNSIGNED) {
    const actual = sha256Hex(body);
    if (!equalDigests(actual, payloadHash)) {
      throw new S3Error("XAmzContentSHA256Mismatch", {
        ClientComputedContentSHA256: payloadHash,
        S3ComputedContentSHA256: actual,
      });
    }
  }
  return { bytes: body, trailers: {} };
}

/** Reads lines and runs of bytes from a body, and notices its end. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  line(): string {
    const end = this.#bytes.indexOf("\r\n", this.#at);
    if (end < 0) throw new S3Error("IncompleteBody");
    const line = this.#bytes.toString("utf8", this.#at, end);
    this.#at = end + 2;
    return line;
  }

  take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new S3Error("IncompleteBody");
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}

/** Follows the chain of chunk signatures: each signs the one before it. */
class SignatureChain {
  readonly #signed: Signed;
  #previous: string;

  constructor(signed: Signed) {
    this.#signed = signed;
    this.#previous = signed.signature;
  }

  verify(kind: "PAYLOAD" | "TRAILER", hashes: readonly string[], signature: string): void {
    const { time, scope, signingKey } = this.#signed;
    const toSign = [`AWS4-HMAC-SHA256-${kind}`, time, scope, this.#previous, ...hashes].join("\n");
    const expected = Buffer.from(hmac(signingKey, toSign)).toString("hex");
    if (!equalDigests(expected, signature)) {
      throw new S3Error("SignatureDoesNotMatch", { StringToSign: toSign });
    }
    this.#previous = signature;
  }
}

function decodeChunks(
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  signed: Signed,
): DecodedBody {
  const reader = new Reader(body);
  const chain = signed.payloadHash === UNSIGNED_TRAILER ? undefined : new SignatureChain(signed);
  const chunks: Uint8Array[] = [];
  for (;;) {
    const [size = "", extension = ""] = reader.line().split(";");
    if (!/^[0-9a-fA-F]+$/.test(size)) throw new S3Error("IncompleteBody");
    const chunk = reader.take(parseInt(size, 16));
    chain?.verify(
      "PAYLOAD",
      [EMPTY_HASH, sha256Hex(chunk)],
      extension.replace("chunk-signature=", ""),
    );
    if (chunk.length === 0) break;
    if (reader.line() !== "") throw new S3Error("IncompleteBody");
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const expected = headers["x-amz-decoded-content-length"];
  if (expected === undefined) throw new S3Error("MissingContentLength");
  if (Number(expected) !== bytes.length) throw new S3Error("IncompleteBody");
  return { bytes, trailers: readTrailers(reader, headers, chain) };
}

function readTrailers(
  reader: Reader,
  headers: Readonly<Record<string, string>>,
  chain: SignatureChain | undefined,
): Record<string, string> {
  const announced = (headers["x-amz-trailer"] ?? "").split(",").map((name) => name.trim());
  const trailers: Record<string, string> = {};
  let signature = "";
  while (!reader.atEnd) {
    const line = reader.line();
    if (line === "") continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "x-amz-trailer-signature") signature = value;
    else if (announced.includes(name)) trailers[name] = value;
    else throw new S3Error("InvalidRequest", {}, { message: `Unexpected trailer: ${name}` });
  }
  if (announced.some((name) => name !== "" && trailers[name] === undefined)) {
    throw new S3Error("IncompleteBody");
  }
  if (headers["x-amz-content-sha256"] === SIGNED_CHUNKS_TRAILER) {
    const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}\n`);
    chain?.verify("TRAILER", [sha256Hex(lines.join(""))], signature);
  }
  return trailers;
}
