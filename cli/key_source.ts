import { InputError } from "../lib/model/errors.ts";

/** Where keys are read from, and how. */
export interface KeySourceOptions {
  /** What ends each key. */
  readonly end: "\n" | "\0";
  /** Abort: the reason is thrown. */
  readonly signal: AbortSignal;
}

/** What stands for standard input. */
const STDIN = "-";

/**
 * Read keys from a file, or from standard input. Nothing is taken off a key; a key is never empty,
 * so an empty line is none.
 *
 * @param path `-` is standard input.
 * @throws {InputError} when it cannot be read, is no UTF-8, or holds no key, as where the program that
 * was to name some has failed
 */
export async function readKeys(path: string, options: KeySourceOptions): Promise<string[]> {
  const name = path === STDIN ? "standard input" : path;
  const keys = await tryRead(path, name, options);
  if (keys.length > 0) return keys;
  throw new InputError(
    `no key came from ${name}, and nothing was done: see whether what was to name some has failed`,
  );
}

async function tryRead(path: string, name: string, options: KeySourceOptions): Promise<string[]> {
  try {
    using file = path === STDIN ? undefined : await Deno.open(path, { read: true });
    return await splitKeys(file?.readable ?? Deno.stdin.readable, options);
  } catch (cause) {
    options.signal.throwIfAborted();
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const reason = cause instanceof TypeError
      ? "it is not UTF-8"
      : cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new InputError(`cannot read keys from ${name}: ${reason}`, { cause });
  }
}

async function splitKeys(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
  { end, signal }: KeySourceOptions,
): Promise<string[]> {
  const decoder = new TextDecoderStream("utf-8", { fatal: true, ignoreBOM: true });
  const keys: string[] = [];
  let begun = "";
  for await (const text of bytes.pipeThrough(decoder, { signal })) {
    const pieces = (begun + text).split(end);
    begun = pieces.pop()!;
    for (const key of pieces) if (key !== "") keys.push(key);
  }
  if (begun !== "") keys.push(begun);
  return keys;
}
