import { createHash } from "node:crypto";
import type { EntryBatch } from "../model/entry_batch.ts";
import { joinBytes } from "../model/join_bytes.ts";
import { PATCHED_FORMAT_VERSION, type PatchInfo } from "../model/manifest.ts";
import { BlockEncoder } from "./block_encoder.ts";
import { partFooter, partHeader } from "./frame.ts";

/** A patch's file, and what a manifest says about its rows. */
export interface EncodedPatch {
  readonly bytes: Uint8Array;
  readonly file: Omit<PatchInfo, "name" | "added" | "removed">;
}

/**
 * Turns the rows of patches into their files' bytes, one patch after another. Patches are small, so
 * that one encoder serves all ranges of a snapshot: it keeps half a megabyte.
 */
export class PatchEncoder {
  readonly #options: { readonly compress?: boolean };
  #encoder: BlockEncoder | undefined;

  /** With `compress` false every section is stored as it is. */
  constructor(options: { readonly compress?: boolean }) {
    this.#options = options;
  }

  /** The patch with these rows, at least one. @throws {RangeError} as writing entries does */
  encode(rows: readonly EntryBatch[]): EncodedPatch {
    const { compress = true } = this.#options;
    const encoder = this.#encoder ??= new BlockEncoder({ compress, patch: true });
    encoder.startOver();
    const pieces = [partHeader(PATCHED_FORMAT_VERSION)];
    let entries = 0, firstKey = "";
    for (const batch of rows) {
      for (let row = 0; row < batch.length; row++) {
        while (!encoder.append(batch, row)) pieces.push(encoder.finish());
        if (entries++ === 0) firstKey = encoder.lastKey;
      }
    }
    const { lastKey } = encoder;
    if (encoder.length > 0) pieces.push(encoder.finish());
    pieces.push(partFooter(entries, pieces.length - 1));
    const bytes = joinBytes(pieces);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { bytes, file: { firstKey, lastKey, entries, size: bytes.length, sha256 } };
  }
}
