/** Bytes of all pieces together. */
export function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/**
 * Pieces one after another.
 *
 * @param into At least as long as all of them. Default: memory of its own, of that length.
 * @returns `into`
 */
export function joinBytes<Into extends Uint8Array = Uint8Array<ArrayBuffer>>(
  pieces: readonly Uint8Array[],
  into: Into = new Uint8Array(lengthOf(pieces)) as Into,
): Into {
  let at = 0;
  for (const piece of pieces) {
    into.set(piece, at);
    at += piece.length;
  }
  return into;
}
