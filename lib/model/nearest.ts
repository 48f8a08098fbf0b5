/** How many edits apart two names may be for one to be offered in place of the other. */
const MAX_EDITS = 3;

/**
 * The name of `known` that `text` was most likely meant to be, for "did you mean": the fewest
 * insertions, deletions and replacements away, letter case apart; undefined when none is near.
 */
export function nearest(text: string, known: Iterable<string>): string | undefined {
  const lowered = text.toLowerCase();
  let best: string | undefined;
  let fewest = Math.min(MAX_EDITS, Math.ceil(text.length / 2)) + 1;
  for (const name of known) {
    const edits = countEdits(lowered, name.toLowerCase());
    if (edits < fewest) [fewest, best] = [edits, name];
  }
  return best;
}

/** Levenshtein distance, one row of the table at a time. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
