import type { ObjectVersion } from "../../lib/model/entry.ts";
import { S3Error } from "../../lib/model/errors.ts";
import type { ModelBucket, ModelVersion } from "./model_bucket.ts";

/** What a server answers: what the SDK would make of it, or what it would read. */
export interface Answer {
  readonly output?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Input = Readonly<Record<string, unknown>>;

/** The S3 operations that snapshot, restore and gc use, on model buckets. */
export class ModelServer {
  readonly buckets: ReadonlyMap<string, ModelBucket>;
  /** Whether a listing begins with the key that a marker names, as on Ceph RGW. */
  isAtMarker = false;
  /** Whether it knows the conditions of writes and deletions, as AWS does. */
  hasConditions = true;
  readonly #date: () => number;

  /** `date` is what the server's clock shows, in milliseconds since 1970. */
  constructor(buckets: ReadonlyMap<string, ModelBucket>, date: () => number) {
    this.buckets = buckets;
    this.#date = date;
  }

  /** @throws {S3Error} */
  answer(operation: string, input: Input): Answer {
    const bucket = this.buckets.get(String(input["Bucket"]));
    if (!bucket) throw new S3Error("NoSuchBucket", `no ${input["Bucket"]}`, { status: 404 });
    switch (operation) {
      case "HeadBucket":
        return { headers: { date: new Date(this.#date()).toUTCString() } };
      case "GetBucketVersioning":
        return { output: { Status: "Enabled" } };
      case "ListObjectVersions":
        return this.#list(bucket, input as ListInput);
      case "GetBucketLifecycleConfiguration":
        throw new S3Error("NoSuchLifecycleConfiguration", "no rules", { status: 404 });
      case "HeadObject":
        return head(bucket, input as HeadInput);
      case "CopyObject":
        return this.#copy(bucket, input as CopyInput);
      case "DeleteObjects":
        return this.#remove(bucket, input as DeleteInput);
      default:
        throw new TypeError(`the model of S3 does not know ${operation}`);
    }
  }

  #list(bucket: ModelBucket, input: ListInput): Answer {
    const { Prefix: prefix = "", KeyMarker: key = "", VersionIdMarker: versionId } = input;
    const { page, isTruncated } = bucket.listPage(
      { key, ...(versionId !== undefined && { versionId }) },
      { prefix, isAtMarker: this.isAtMarker && key !== "" },
    );
    const entries = page.map(describe).join("");
    return {
      body: "<ListVersionsResult><EncodingType>url</EncodingType>" +
        `<IsTruncated>${isTruncated}</IsTruncated>${entries}</ListVersionsResult>`,
    };
  }

  #copy(target: ModelBucket, input: CopyInput): Answer {
    const { Key, CopySource, CopySourceIfMatch, IfMatch, IfNoneMatch } = input;
    const [, name, key, versionId] = /^\/?([^/]+)\/(.*)\?versionId=(.*)$/s.exec(CopySource)!;
    const source = this.buckets.get(name!)?.find(decodeURIComponent(key!), versionId!);
    if (!source || source.isDeleteMarker) throw noSuchVersion();
    const current = target.current(Key);
    const isMet = CopySourceIfMatch === `"${source.etag}"` && this.#isMet(IfMatch, current) &&
      !(this.hasConditions && IfNoneMatch && current);
    if (!isMet) throw new S3Error("PreconditionFailed", "another object", { status: 412 });
    const { versionId: VersionId, etag } = target.put(Key, source.size, { etag: source.etag });
    return { output: { VersionId, CopyObjectResult: { ETag: `"${etag}"` } } };
  }

  #remove(bucket: ModelBucket, { Delete: { Objects } }: DeleteInput): Answer {
    const Errors: unknown[] = [];
    for (const { Key, VersionId, ETag } of Objects) {
      const refuse = (Code: string) => Errors.push({ Key, VersionId, Code, Message: "refused" });
      if (VersionId === undefined) {
        if (this.#isMet(ETag, bucket.current(Key))) bucket.remove(Key);
        else refuse("PreconditionFailed");
      } else if (!bucket.deleteVersion(Key, VersionId)) refuse("AccessDenied");
    }
    return { output: { Errors } };
  }

  #isMet(ifMatch: string | undefined, current: ModelVersion | undefined): boolean {
    if (!this.hasConditions || ifMatch === undefined) return true;
    return current !== undefined && (ifMatch === "*" || ifMatch === `"${current.etag}"`);
  }
}

interface ListInput extends Input {
  readonly Prefix?: string;
  readonly KeyMarker?: string;
  readonly VersionIdMarker?: string;
}

interface HeadInput extends Input {
  readonly Key: string;
  readonly VersionId?: string;
}

interface CopyInput extends Input {
  readonly Key: string;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly CopySource: string;
  readonly CopySourceIfMatch: string;
}

interface DeleteInput extends Input {
  readonly Delete: {
    readonly Objects: readonly {
      readonly Key: string;
      readonly VersionId?: string;
      readonly ETag?: string;
    }[];
  };
}

function describe(version: ObjectVersion): string {
  const { key, versionId, isLatest, lastModified, isDeleteMarker } = version;
  const common = `<Key>${encodeURIComponent(key)}</Key><VersionId>${versionId}</VersionId>` +
    `<IsLatest>${isLatest}</IsLatest>` +
    `<LastModified>${new Date(lastModified).toISOString()}</LastModified>`;
  if (isDeleteMarker) return `<DeleteMarker>${common}</DeleteMarker>`;
  return `<Version>${common}<ETag>&quot;${version.etag}&quot;</ETag><Size>${version.size}</Size>` +
    `<StorageClass>${version.storageClass}</StorageClass></Version>`;
}

function head(bucket: ModelBucket, { Key, VersionId }: HeadInput): Answer {
  const version = VersionId === undefined ? bucket.current(Key) : bucket.find(Key, VersionId);
  if (!version || version.isDeleteMarker) throw noSuchVersion();
  const { size, etag, versionId } = version;
  return { output: { ContentLength: size, ETag: `"${etag}"`, VersionId: versionId } };
}

function noSuchVersion(): S3Error {
  return new S3Error("NoSuchVersion", "not there", { status: 404 });
}
