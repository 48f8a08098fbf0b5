const DIGITS = 5;

/**
 * The names of a snapshot's parts, in the order they are begun. Writers of several ranges of one
 * snapshot share one, so that no two parts meet; the manifest puts them in the order of keys.
 */
export class PartNames {
  #next = 0;

  /** A name that was not given before: `part-00000`, `part-00001`, and more digits after 99,999. */
  next(): string {
    return `part-${String(this.#next++).padStart(DIGITS, "0")}`;
  }
}
