import { MAX_COPY_SIZE } from "./copy_version.ts";
import { partCountOf } from "./multipart_etag.ts";
import { guessPartSizes } from "./part_sizes.ts";

/** How many requests of each kind, by S3's names of the operations. */
export type RequestCounts = Record<string, number>;

/** What a copy is made of, at most 5 GiB each. */
const BY_SERVER = { whole: ["CopyObject"], part: ["UploadPartCopy"] };
/** The same where the bytes pass through here. */
const BY_STREAM = {
  whole: ["GetObjectTagging", "GetObject", "PutObject"],
  part: ["GetObject", "UploadPart"],
};

/**
 * The requests that `copyVersion` sends for one object as AWS answers them, without those that find
 * out what a server does about conditions. Other servers tell no part sizes, so that there an object
 * that was uploaded in parts takes a CopyObject in place of its parts, and may not honour conditions,
 * which takes one more HeadObject.
 *
 * @param size Bytes.
 * @param etag Without quotes.
 * @param streams Whether the bytes pass through here.
 */
export function copyRequests(size: number, etag: string, streams: boolean): RequestCounts {
  const { whole, part } = streams ? BY_STREAM : BY_SERVER;
  const told = partCountOf(etag);
  if (told === undefined && size <= MAX_COPY_SIZE) {
    return Object.fromEntries(["HeadObject", ...whole].map((operation) => [operation, 1]));
  }
  const parts = told ?? guessPartSizes(size, told, MAX_COPY_SIZE).length;
  return {
    HeadObject: 1 + (told ?? 0),
    GetObjectTagging: 1,
    CreateMultipartUpload: 1,
    ...Object.fromEntries(part.map((operation) => [operation, parts])),
    CompleteMultipartUpload: 1,
  };
}
