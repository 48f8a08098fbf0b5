/** What a configuration file names by path is found from where the file is. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** A store as the file has it, as `openStore` takes it: a relative path made absolute. */
export function resolveStore(text: string, directory: string): string {
  // A leading "~" is refused by openStore, which says so.
  return text === "" || SCHEME.test(text) || text.startsWith("~") ? text : resolve(directory, text);
}

/** A driver's module as `import()` takes it: a path made a URL. */
export function resolveDriver(specifier: string, directory: string): string {
  if (SCHEME.test(specifier)) return specifier;
  return pathToFileURL(resolve(directory, specifier)).href;
}
