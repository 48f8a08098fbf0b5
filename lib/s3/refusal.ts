/**
 * Thrown inside the scanner where a page is not what it reads: cut short, another document, or XML
 * of a kind that no S3 server sends. The page then goes to the SDK as it came.
 */
class Refusal extends Error {}

/** One object, since making an error costs more than the rest of a page's end. */
const REFUSAL = new Refusal("not a listing that can be scanned");

/** Give up on the page. */
export function refuse(): never {
  throw REFUSAL;
}

/** Run `scan`; undefined when it refused. */
export function unlessRefused<T>(scan: () => T): T | undefined {
  try {
    return scan();
  } catch (error) {
    if (error === REFUSAL) return undefined;
    throw error;
  }
}
