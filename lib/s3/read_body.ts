/**
 * An answer as it comes, in pieces.
 *
 * @throws {RangeError} when there are more than `limit` bytes; the rest is not read
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > limit) throw new RangeError(`the answer is longer than ${limit} bytes`);
    pieces.push(piece);
  }
  return pieces;
}
