import { InputError } from "../../lib/model/errors.ts";

/** How often it is tried, and milliseconds between two tries. */
const TRIES = 3;
const PAUSE = 1000;
/** Milliseconds that an answer may take. */
const TIMEOUT = 10_000;

/** Asks for a URL, as `fetch` does. */
export type Send = (url: URL, options: { signal: AbortSignal }) => Promise<Response>;

/**
 * The URL of a dead man's switch.
 *
 * @throws {InputError} when it is none that can be asked for
 */
export function parsePingUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new InputError(`${JSON.stringify(text)} is no URL to ping: use http:// or https://`);
  }
  if (url.username === "" && url.password === "") return url;
  throw new InputError(`the URL to ping at ${url.host} has credentials: use one without`);
}

/**
 * Tell a dead man's switch that all is well.
 *
 * @returns Undefined, or why it could not be told. The path is kept out of it: it is the secret by
 * which such services know their callers
 */
export async function ping(
  url: URL,
  send: Send = fetch,
  pause: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Promise<string | undefined> {
  for (let left = TRIES - 1;; left--) {
    const problem = await pingOnce(url, send);
    if (problem === undefined) return;
    if (left === 0) return `the ping of ${url.host} was not heard: ${problem}`;
    await pause(PAUSE);
  }
}

async function pingOnce(url: URL, send: Send): Promise<string | undefined> {
  try {
    const response = await send(url, { signal: AbortSignal.timeout(TIMEOUT) });
    await response.body?.cancel();
    return response.ok ? undefined : `HTTP ${response.status}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return (cause instanceof Error ? cause.message : String(cause)).replaceAll(url.href, url.host);
  }
}
