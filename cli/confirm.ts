import { EXIT } from "./exit_codes.ts";
import { ToldFailure } from "./errors.ts";

/** A terminal that can be asked. */
export interface Questioner {
  /** Writes at once. */
  readonly write: (text: string) => void;
  /** The next line that is typed, without its end; null at the end of input. */
  readonly readLine: (signal: AbortSignal) => Promise<string | null>;
}

/**
 * Ask before something is changed. What will happen was shown before.
 *
 * @throws {ToldFailure} when the answer is not yes; then nothing was changed
 */
export async function confirm(
  question: string,
  { write, readLine }: Questioner,
  signal: AbortSignal,
): Promise<void> {
  write(`${question} [y/N] `);
  const answer = await readLine(signal);
  if (answer === null) write("\n");
  if (/^y(?:es)?$/i.test(answer?.trim() ?? "")) return;
  write("Nothing was changed.\n");
  throw new ToldFailure(EXIT.failed);
}
