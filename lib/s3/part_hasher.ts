import { createHash } from "node:crypto";
import { multipartETag } from "./multipart_etag.ts";

/** The ETag that bytes would have if they were uploaded in parts of these sizes. */
export class PartHasher {
  readonly #sizes: readonly number[];
  readonly #digests: string[] = [];
  #hash = createHash("md5");
  #left: number;

  /** In bytes, in order; at least one. */
  constructor(sizes: readonly number[]) {
    this.#sizes = sizes;
    this.#left = sizes[0]!;
  }

  /** Take the next bytes of the object. */
  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#left === 0) this.#beginPart();
      const end = Math.min(bytes.length, at + this.#left);
      this.#hash.update(bytes.subarray(at, end));
      this.#left -= end - at;
      at = end;
    }
  }

  /** Once all bytes were taken: the ETag, without quotes. */
  digest(): string {
    this.#digests.push(this.#hash.digest("hex"));
    return multipartETag(this.#digests)!;
  }

  #beginPart(): void {
    this.#digests.push(this.#hash.digest("hex"));
    this.#hash = createHash("md5");
    // What is longer than it should be counts to the last part, and comes out as another ETag.
    this.#left = this.#sizes[this.#digests.length] ?? Infinity;
  }
}
