import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InputError } from "../lib/model/errors.ts";

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const USER_IN_AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i;
const SECRET_NAME = /access.?key|api.?key|secret|token|passw|credential|signature|^auth/i;

/** A store's URL, taken apart as far as choosing a driver needs. */
export interface StoreUrl {
  /** Lower case, without the colon. */
  readonly scheme: string;
  /** The whole URL; what was a path is a `file:` URL here. */
  readonly url: string;
}

/**
 * Read what a user calls a store: a URL, or the path of a directory, which is taken from the
 * current directory when relative.
 *
 * @throws {InputError} when it is empty, holds credentials, or begins with `~`, which only a shell
 * expands
 */
export function parseStoreUrl(text: string): StoreUrl {
  if (text === "") throw new InputError("the store is empty: name a directory or a URL");
  const scheme = SCHEME.exec(text)?.[1];
  if (scheme === undefined) return { scheme: "file", url: pathUrl(text) };
  refuseCredentials(text);
  return { scheme: scheme.toLowerCase(), url: text };
}

function pathUrl(path: string): string {
  if (path === "~" || path.startsWith("~/")) {
    throw new InputError(
      `the store ${JSON.stringify(path)} begins with "~", which is not expanded here: write the ` +
        `home directory in full (or "./~" for a directory of that name)`,
    );
  }
  return pathToFileURL(resolve(path)).href;
}

/** The message repeats nothing of the URL, which may end in a log. */
function refuseCredentials(text: string): void {
  const question = text.search(/[?#]/);
  const parameters = question < 0 ? "" : text.slice(question + 1).replaceAll("#", "&");
  const found = USER_IN_AUTHORITY.test(text)
    ? 'a user name (before the "@")'
    : [...new URLSearchParams(parameters)].map(credentialIn).find((what) => what !== undefined);
  if (found === undefined) return;
  throw new InputError(
    `the URL of the store holds credentials: ${found}. URLs end in logs and listings, so none are ` +
      `taken from there: leave them out, and provide them as the service's own tools expect ` +
      `(for S3: the environment, a profile, or the role of the machine)`,
  );
}

function credentialIn([name, value]: [string, string]): string | undefined {
  if (SECRET_NAME.test(name)) return `the parameter ${JSON.stringify(name)}`;
  if (USER_IN_AUTHORITY.test(value)) return `a user name in the parameter ${JSON.stringify(name)}`;
}
