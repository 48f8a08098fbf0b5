import type { Questioner } from "./confirm.ts";

const encoder = new TextEncoder();
/** Of a terminal that does not tell. */
const DEFAULT_COLUMNS = 80;

/** Write to stderr at once. Whoever closed it does not want to know. */
export function writeStderr(text: string): void {
  let rest = encoder.encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(Deno.stderr.writeSync(rest));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Characters on a line of the terminal. */
export function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns || DEFAULT_COLUMNS;
  } catch {
    // There is no terminal, or it does not tell.
    return DEFAULT_COLUMNS;
  }
}

/** The terminal that a question can be put to; undefined where there is none. */
export function openQuestioner(): Questioner | undefined {
  if (!Deno.stdin.isTerminal() || !Deno.stderr.isTerminal()) return;
  return { write: writeStderr, readLine };
}

/** The terminal itself hands over a line at a time. */
async function readLine(signal: AbortSignal): Promise<string | null> {
  const buffer = new Uint8Array(1024);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    const length = await Promise.race([Deno.stdin.read(buffer), aborted]);
    return length === null ? null : new TextDecoder().decode(buffer.subarray(0, length)).trimEnd();
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
