import { S3Error } from "../model/errors.ts";
import type { Bucket } from "../s3/bucket.ts";
import { checkObject, isArchivedRefusal } from "../s3/check_object.ts";
import type { FoundVersion } from "./look_for_versions.ts";

/** What reading a share of the objects came to. */
export interface DataReport {
  /** The share that was asked for. */
  readonly percent: number;
  /** Chooses the same objects again. */
  readonly seed: number;
  /** Versions that were chosen, each counted once however many points name it. */
  readonly chosen: number;
  /** Bytes that were read, repetitions included. */
  readonly bytesRead: number;
  /** Found right by the MD5 sums in their ETags. */
  readonly rightByETag: number;
  /** Found right by another checksum that the server keeps. */
  readonly rightByChecksum: number;
  /** Wrong, or not readable: they are among the lost versions. */
  readonly wrong: number;
  /** Not checked, which says nothing about them. */
  readonly unchecked: UncheckedCounts;
}

/** Versions that were chosen, and about whose bytes nobody can say anything. */
export interface UncheckedCounts {
  /** They have to be thawed before they can be read. */
  readonly archived: number;
  /** Their ETags are no MD5 sums, as under KMS keys, and the server keeps no other checksum. */
  readonly encrypted: number;
  /** Uploaded in parts of sizes that the server does not tell, and that are none of the usual. */
  readonly unknownParts: number;
  /** Neither an ETag of a known kind nor another checksum. */
  readonly noChecksum: number;
}

/** Counts what comes of reading versions. */
export class DataTally {
  readonly percent: number;
  readonly seed: number;
  bytesRead = 0;
  wrong = 0;
  readonly #right = { ETag: 0, checksum: 0 };
  readonly #unchecked = { archived: 0, encrypted: 0, unknownParts: 0, noChecksum: 0 };

  /** Nothing was read yet. */
  constructor(percent: number, seed: number) {
    this.percent = percent;
    this.seed = seed;
  }

  /**
   * Read a version and count what came of it.
   *
   * @param onBytes Told of each chunk.
   * @returns What is wrong with it; undefined when nothing is, or nobody can tell
   * @throws {S3Error} when the server cannot be reached
   */
  async read(
    bucket: Bucket,
    version: FoundVersion,
    onBytes: () => void,
    signal: AbortSignal,
  ): Promise<{ readonly code: string; readonly message: string } | undefined> {
    try {
      const check = await checkObject(bucket, version, {
        signal,
        onBytes: (bytes) => {
          this.bytesRead += bytes;
          onBytes();
        },
      });
      if (check.verdict === "right") this.#right[check.by]++;
      else if (check.verdict === "unknown") this.#unchecked[check.because]++;
      else return this.#fail("WrongBytes", check.message);
    } catch (error) {
      if (!(error instanceof S3Error) || error.retryable) throw error;
      if (!isArchivedRefusal(error)) return this.#fail(error.code, error.message);
      this.#unchecked.archived++;
    }
  }

  /** Versions that were read, or tried. */
  get chosen(): number {
    const unchecked = Object.values(this.#unchecked).reduce((sum, count) => sum + count, 0);
    return this.#right.ETag + this.#right.checksum + this.wrong + unchecked;
  }

  /** The report's part about it. */
  finish(): DataReport {
    const { percent, seed, chosen, bytesRead, wrong } = this;
    return {
      percent,
      seed,
      chosen,
      bytesRead,
      rightByETag: this.#right.ETag,
      rightByChecksum: this.#right.checksum,
      wrong,
      unchecked: { ...this.#unchecked },
    };
  }

  #fail(code: string, message: string) {
    this.wrong++;
    return { code, message };
  }
}
