/** Contents one after another, as a multipart upload puts them. */
import { createHash } from "node:crypto";
import type { Content } from "./content.ts";
import { GeneratedContent } from "./generated_content.ts";
import { HeldContent } from "./held_content.ts";

class JoinedContent implements Content {
  readonly #pieces: readonly Content[];
  readonly size: number;

  constructor(pieces: readonly Content[]) {
    this.#pieces = pieces;
    this.size = pieces.reduce((sum, piece) => sum + piece.size, 0);
  }

  slice(start: number, end: number): Content {
    const slices: Content[] = [];
    let offset = 0;
    for (const piece of this.#pieces) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end - offset, piece.size);
      if (from < to) slices.push(piece.slice(from, to));
      offset += piece.size;
    }
    return joinContents(slices);
  }

  md5(): Uint8Array {
    const hash = createHash("md5");
    for (const chunk of this.chunks()) hash.update(chunk);
    return hash.digest();
  }

  *chunks(): Iterable<Uint8Array> {
    for (const piece of this.#pieces) yield* piece.chunks();
  }
}

/** Contents one after another; neighbouring ranges of one generated sequence become one. */
export function joinContents(pieces: readonly Content[]): Content {
  const joined: Content[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (
      piece instanceof GeneratedContent && last instanceof GeneratedContent &&
      piece.seed === last.seed && piece.start === last.end
    ) {
      joined[joined.length - 1] = new GeneratedContent(piece.seed, last.start, piece.end);
    } else if (piece.size > 0) joined.push(piece);
  }
  if (joined.length === 0) return new HeldContent(new Uint8Array());
  return joined.length === 1 ? joined[0]! : new JoinedContent(joined);
}
