/** The checksums that a client may send with an object, beside the MD5 of its ETag. */
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import { S3Error } from "./errors.ts";

/** An algorithm's name as S3 writes it. */
export type ChecksumAlgorithm = "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256";

/** A checksum of an object or a part. */
export interface ChecksumValue {
  /** Which algorithm. */
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; a composite one ends with `-` and the number of parts. */
  readonly value: string;
  /** Of all bytes, or of the checksums of the parts. */
  readonly type: "FULL_OBJECT" | "COMPOSITE";
}

/** What a checksum reads: bytes in pieces. */
export interface Readable {
  /** The bytes. */
  chunks(): Iterable<Uint8Array>;
}

const ALGORITHMS: readonly ChecksumAlgorithm[] = [
  "CRC32",
  "CRC32C",
  "CRC64NVME",
  "SHA1",
  "SHA256",
];

const CRC32C_POLYNOMIAL = 0x82f63b78;
const CRC64NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

function crcTable<T>(step: (index: number) => T): T[] {
  return Array.from({ length: 256 }, (_, index) => step(index));
}

const CRC32C_TABLE = crcTable((index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? CRC32C_POLYNOMIAL : 0);
  return crc >>> 0;
});

const CRC64NVME_TABLE = crcTable((index) => {
  let crc = BigInt(index);
  for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (crc & 1n ? CRC64NVME_POLYNOMIAL : 0n);
  return crc;
});

function crc32c(content: Readable): Uint8Array {
  let crc = 0xffffffff;
  for (const chunk of content.chunks()) {
    for (const byte of chunk) crc = CRC32C_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  }
  return bigEndian(BigInt(~crc >>> 0), 4);
}

function crc64nvme(content: Readable): Uint8Array {
  let crc = 0xffffffffffffffffn;
  for (const chunk of content.chunks()) {
    for (const byte of chunk) {
      crc = CRC64NVME_TABLE[Number((crc ^ BigInt(byte)) & 0xffn)]! ^ (crc >> 8n);
    }
  }
  return bigEndian(crc ^ 0xffffffffffffffffn, 8);
}

function bigEndian(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes.subarray(8 - length);
}

function zlibCrc32(content: Readable): Uint8Array {
  let crc = 0;
  for (const chunk of content.chunks()) crc = crc32(chunk, crc);
  return bigEndian(BigInt(crc), 4);
}

function digest(algorithm: string, content: Readable): Uint8Array {
  const hash = createHash(algorithm);
  for (const chunk of content.chunks()) hash.update(chunk);
  return hash.digest();
}

/** A checksum of all bytes. */
export function checksumOf(algorithm: ChecksumAlgorithm, content: Readable): ChecksumValue {
  const compute = {
    CRC32: zlibCrc32,
    CRC32C: crc32c,
    CRC64NVME: crc64nvme,
    SHA1: (of: Readable) => digest("sha1", of),
    SHA256: (of: Readable) => digest("sha256", of),
  }[algorithm];
  return {
    algorithm,
    value: Buffer.from(compute(content)).toString("base64"),
    type: "FULL_OBJECT",
  };
}

/** The header that carries a checksum. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The name of an algorithm in any case, as headers have it. */
export function parseChecksumAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = ALGORITHMS.find((known) => known === name.toUpperCase());
  if (algorithm) return algorithm;
  throw new S3Error("InvalidRequest", {}, {
    message: "Checksum algorithm provided is unsupported. Please try again with any of the " +
      `valid types: [${ALGORITHMS.join(", ")}]`,
  });
}

/** The checksum that stands in headers or trailers. */
export function sentChecksum(
  headers: Readonly<Record<string, string>>,
): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  const sent = ALGORITHMS.filter((algorithm) => headers[checksumHeader(algorithm)] !== undefined);
  if (sent.length > 1) {
    throw new S3Error("InvalidRequest", {}, {
      message:
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    });
  }
  const [algorithm] = sent;
  return algorithm && { algorithm, value: headers[checksumHeader(algorithm)]! };
}

/**
 * Verifies Content-MD5 and the checksum that a client sent with a body.
 *
 * @returns the checksum to keep, when one was sent or asked for.
 * @throws {S3Error} BadDigest or InvalidDigest.
 */
export function verifyBody(
  content: Readable,
  headers: Readonly<Record<string, string>>,
): ChecksumValue | undefined {
  verifyContentMd5(content, headers["content-md5"]);
  const sent = sentChecksum(headers);
  if (sent) {
    const actual = checksumOf(sent.algorithm, content);
    if (actual.value !== sent.value) {
      throw new S3Error("BadDigest", {}, {
        message: `The ${sent.algorithm} you specified did not match the calculated checksum.`,
      });
    }
    return actual;
  }
  const wanted = headers["x-amz-sdk-checksum-algorithm"] ?? headers["x-amz-checksum-algorithm"];
  return wanted === undefined ? undefined : checksumOf(parseChecksumAlgorithm(wanted), content);
}

function verifyContentMd5(content: Readable, sent: string | undefined): void {
  if (sent === undefined) return;
  const expected = Buffer.from(sent, "base64");
  if (expected.length !== 16) throw new S3Error("InvalidDigest", { "Content-MD5": sent });
  if (!expected.equals(digest("md5", content))) {
    throw new S3Error("BadDigest", {}, {
      message: "The Content-MD5 you specified did not match what we received.",
    });
  }
}

/** The checksum of a multipart object: of its parts' checksums, each in base64. */
export function compositeChecksum(
  algorithm: ChecksumAlgorithm,
  parts: readonly string[],
): ChecksumValue {
  const digests = parts.map((part) => Buffer.from(part, "base64"));
  const { value } = checksumOf(algorithm, { chunks: () => digests });
  return { algorithm, value: `${value}-${parts.length}`, type: "COMPOSITE" };
}
