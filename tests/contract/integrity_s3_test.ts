import assert from "node:assert/strict";
import { type Contract, contract, outcome } from "./contract.ts";

/** Puts `text` with these headers; how it was answered, and what is there afterwards. */
async function put(s3: Contract, headers: Record<string, string>, body = "text") {
  const path = `/${await s3.bucket("integrity")}/a`;
  const answer = await s3.raw({ method: "PUT", path, headers, body });
  const { status, text } = await s3.raw({ path });
  return [outcome(answer), status === 200 ? text : undefined];
}

contract("a CRC-32 that fits the body is accepted", async (s3) => {
  const answer = await put(s3, { "x-amz-checksum-crc32": "O4unxw==" });
  assert.deepEqual(answer, ["200", "text"]);
});

contract("a CRC-32 that does not fit the body is refused", async (s3) => {
  const answer = await put(s3, { "x-amz-checksum-crc32": "AAAAAA==" });
  const expected = s3.differs({
    aws: ["400 BadDigest", undefined],
    rgw: ["200", "text"],
    why: "the gateway does not know checksums but MD5 and SHA-256",
  });
  assert.deepEqual(answer, expected);
});

/** A body in one chunk with its checksum behind it, as the SDK sends what it must stream. */
const CHUNKED = "4\r\ntext\r\n0\r\nx-amz-checksum-crc32:O4unxw==\r\n\r\n";

contract("a chunked body with its checksum behind it is stored as its bytes", async (s3) => {
  const answer = await put(s3, {
    "content-encoding": "aws-chunked",
    "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "x-amz-decoded-content-length": "4",
    "x-amz-trailer": "x-amz-checksum-crc32",
  }, CHUNKED);
  const expected = s3.differs({
    aws: ["200", "text"],
    rgw: ["400 XAmzContentSHA256Mismatch", undefined],
    why: "the gateway knows no trailer: the SDK must be given bodies of known length, not streams",
  });
  assert.deepEqual(answer, expected);
});

contract("the SDK stores bytes of known length", async (s3) => {
  const Bucket = await s3.bucket("integrity");
  const Body = new Uint8Array(100_000).fill(7);
  await s3.sdk.putObject({ Bucket, Key: "a", Body });
  const read = await s3.sdk.getObject({ Bucket, Key: "a" });
  assert.deepEqual(await read.Body?.transformToByteArray(), Body);
});
