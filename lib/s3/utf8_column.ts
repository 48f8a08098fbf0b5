import type { ByteColumn } from "../model/entry_batch.ts";
import { refuse } from "./refusal.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A text; refuses what is not UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    refuse();
  }
}

/**
 * Refuse a column of which some value is not UTF-8. All of it at once is far faster than value by
 * value, and says the same, provided that no value begins in the middle of a character.
 */
export function assertTexts({ bytes, offsets }: ByteColumn): void {
  decodeText(bytes);
  for (let i = 0; i + 1 < offsets.length; i++) {
    if ((bytes[offsets[i]!]! & 0xc0) === 0x80) refuse();
  }
}
