import type { ByteColumn } from "./entry_batch.ts";

const encoder = new TextEncoder();

/** Texts, which are well-formed, laid end to end: encoding all at once is far faster than one by one. */
export function columnOf(texts: readonly string[]): ByteColumn {
  const joined = texts.join("");
  const bytes = encoder.encode(joined);
  const lengthOf = bytes.length === joined.length
    ? (text: string) => text.length
    : (text: string) => encoder.encode(text).length;
  const offsets = new Uint32Array(texts.length + 1);
  for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i]! + lengthOf(text);
  return { bytes, offsets };
}
