/**
 * Whether a version's bytes are those that were written: read, counted, and held against what the
 * server keeps of their checksums.
 */
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { GetObjectCommandOutput } from "npm:@aws-sdk/client-s3@3.1169.0";
import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";
import { partCountOf, unquoteETag } from "./multipart_etag.ts";
import { PartHasher } from "./part_hasher.ts";
import { fittingPartSizes, learnPartSizes } from "./part_sizes.ts";
import { readSourceVersion, type VersionReference } from "./source_version.ts";

/** By what a version was found right. */
export type CheckedBy = "ETag" | "checksum";

/** Why a version cannot be checked though it can be read. */
export type Uncheckable = "encrypted" | "unknownParts" | "noChecksum";

/** What came of reading a version. */
export type ObjectCheck =
  | { readonly verdict: "right"; readonly by: CheckedBy }
  | { readonly verdict: "unknown"; readonly because: Uncheckable }
  | { readonly verdict: "wrong"; readonly message: string };

/** Times that a version is read before it counts as wrong, or as one that cannot be read. */
const MAX_TRIES = 3;

/**
 * Read a version to its end and check it. A checksum that is of the whole object is preferred, then
 * an ETag that is an MD5 sum, then one made of parts whose sizes the server tells or that fit usual
 * ones. Holds a few chunks at a time.
 *
 * @param onBytes Told of each chunk's length.
 * @throws {S3Error} what the server refuses: `InvalidObjectState` for one that is archived
 */
export async function checkObject(
  bucket: Bucket,
  reference: VersionReference,
  { onBytes, signal }: {
    readonly onBytes?: (bytes: number) => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<ObjectCheck> {
  for (let attempt = 1;; attempt++) {
    const read = await readOnce(bucket, reference, onBytes, signal);
    // Bytes may be lost on their way, too: what stays wrong is wrong.
    if (read.verdict !== "wrong" || attempt === MAX_TRIES) return read;
  }
}

async function readOnce(
  bucket: Bucket,
  reference: VersionReference,
  onBytes: ((bytes: number) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<ObjectCheck> {
  // Before a connection is taken for the bytes: the sizes are asked for over others.
  const parts = await partsOf(bucket, reference, signal);
  const answer = await getVersion(bucket, reference, signal);
  const judge = judgeFor(answer, parts);
  const read = await readBody(answer, judge, onBytes, signal);
  if (read.problem !== undefined) return { verdict: "wrong", message: read.problem };
  if (read.bytes !== reference.size) {
    const message = `it has ${read.bytes} bytes, and should have ${reference.size}`;
    return { verdict: "wrong", message };
  }
  return judge.decide();
}

/** Ways in which an object may have been cut when it was uploaded. */
interface Parts {
  /** Sizes in bytes. Empty where none fits. */
  readonly candidates: readonly (readonly number[])[];
  /** Whether the server told them, so that there is one candidate, and it is right. */
  readonly areLearnt: boolean;
}

/** Undefined where it was not uploaded in parts, or that does not matter. */
async function partsOf(
  bucket: Bucket,
  reference: VersionReference,
  signal: AbortSignal | undefined,
): Promise<Parts | undefined> {
  const count = partCountOf(reference.etag);
  if (count === undefined) return;
  const source = await readSourceVersion(bucket, reference, signal ? { signal } : {});
  if (checksumOf(source.head) !== undefined || isOpaque(source.head)) return;
  const learnt = await learnPartSizes(source, signal);
  return learnt
    ? { candidates: [learnt], areLearnt: true }
    : { candidates: fittingPartSizes(reference.size, count), areLearnt: false };
}

/** Takes the bytes, then says what they are. */
interface Judge {
  update(bytes: Uint8Array): void;
  decide(): ObjectCheck;
}

async function getVersion(
  bucket: Bucket,
  { key, versionId }: VersionReference,
  signal: AbortSignal | undefined,
): Promise<GetObjectCommandOutput> {
  const call = { operation: "GetObject", key, ...(signal && { signal }) };
  return await bucket.request(call, (client, sdk, http) => {
    const input = { Bucket: bucket.name, Key: key, VersionId: versionId };
    return client.send(new sdk.GetObjectCommand({ ...input, ChecksumMode: "ENABLED" }), http);
  });
}

/** What the headers of GetObject and HeadObject say of the bytes. */
type Description = Pick<
  GetObjectCommandOutput,
  | "ChecksumCRC32"
  | "ChecksumCRC32C"
  | "ChecksumCRC64NVME"
  | "ChecksumSHA1"
  | "ChecksumSHA256"
  | "ServerSideEncryption"
  | "SSECustomerAlgorithm"
>;

/** Of the whole object, as the server keeps it. The SDK checks the body against it as it is read. */
function checksumOf(told: Description): string | undefined {
  const checksum = told.ChecksumSHA256 ?? told.ChecksumSHA1 ?? told.ChecksumCRC64NVME ??
    told.ChecksumCRC32C ?? told.ChecksumCRC32;
  // One that is made of the parts' own ends with their number; the SDK does not check that.
  return checksum?.includes("-") ? undefined : checksum;
}

const MD5 = /^[0-9a-f]{32}$/i;

function judgeFor(answer: GetObjectCommandOutput, parts: Parts | undefined): Judge {
  if (checksumOf(answer) !== undefined) return checksumJudge();
  if (isOpaque(answer)) return unable("encrypted");
  const etag = unquoteETag(answer.ETag);
  if (MD5.test(etag)) return md5Judge(etag);
  return parts ? partsJudge(etag, parts) : unable("noChecksum");
}

function checksumJudge(): Judge {
  return { update() {}, decide: () => ({ verdict: "right", by: "checksum" }) };
}

/** Under encryption with KMS or a client's key, an ETag is no MD5 sum. */
function isOpaque({ ServerSideEncryption: method, SSECustomerAlgorithm }: Description): boolean {
  return SSECustomerAlgorithm !== undefined || (method !== undefined && method !== "AES256");
}

function unable(because: Uncheckable): Judge {
  return { update() {}, decide: () => ({ verdict: "unknown", because }) };
}

function md5Judge(etag: string): Judge {
  const hash = createHash("md5");
  return {
    update: (bytes) => void hash.update(bytes),
    decide: () => compareETags(hash.digest("hex"), etag),
  };
}

/** Of guessed sizes one that comes out right proves the bytes; none that does proves nothing. */
function partsJudge(etag: string, { candidates, areLearnt }: Parts): Judge {
  const hashers = candidates.map((sizes) => new PartHasher(sizes));
  return {
    update: (bytes) => hashers.forEach((hasher) => hasher.update(bytes)),
    decide: () => {
      const etags = hashers.map((hasher) => hasher.digest());
      if (areLearnt) return compareETags(etags[0]!, etag);
      return etags.includes(etag.toLowerCase())
        ? { verdict: "right", by: "ETag" }
        : { verdict: "unknown", because: "unknownParts" };
    },
  };
}

function compareETags(computed: string, etag: string): ObjectCheck {
  if (computed === etag.toLowerCase()) return { verdict: "right", by: "ETag" };
  return { verdict: "wrong", message: `its bytes have the ETag ${computed}, and not ${etag}` };
}

async function readBody(
  answer: GetObjectCommandOutput,
  judge: Judge,
  onBytes: ((bytes: number) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<{ readonly bytes: number; readonly problem?: string }> {
  // The SDK declares all that a body may be elsewhere; on its Node client it is this.
  const body = answer.Body as Readable;
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      signal?.throwIfAborted();
      bytes += chunk.length;
      onBytes?.(chunk.length);
      judge.update(chunk);
    }
    return { bytes };
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    return { bytes, problem: `reading it to its end failed: ${reason}` };
  } finally {
    body.destroy();
  }
}

/** Whether a refusal says that a version is archived, and has to be thawed before it is read. */
export function isArchivedRefusal(error: unknown): boolean {
  return error instanceof S3Error && error.code === "InvalidObjectState";
}
