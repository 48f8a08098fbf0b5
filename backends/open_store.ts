import { InputError } from "../lib/model/errors.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import type { OpenStoreOptions as DriverOptions } from "../lib/model/store_driver.ts";
import type { BucketOptions } from "../lib/s3/bucket.ts";
import { adopted, adoptStore } from "./adopt_store.ts";
import { loadDriver } from "./load_driver.ts";
import { parseStoreUrl } from "./store_url.ts";

/** How a store is opened. */
export interface OpenStoreOptions extends DriverOptions {
  /**
   * Drivers for more kinds of stores: a URL scheme, and the module that opens its URLs (an absolute
   * URL, or an `npm:` or `jsr:` specifier), which exports a {@linkcode SnapshotStoreDriver}. They
   * run with this program's permissions, so they come from explicit configuration only.
   */
  readonly drivers?: Readonly<Record<string, string>>;
  /** For `s3:` stores: how their bucket is talked to. */
  readonly s3?: BucketOptions;
}

type BuiltInDriver = (url: string, options: OpenStoreOptions) => Promise<SnapshotStore>;

/** The stores that come with this project. Each is loaded when it is first used. */
const BUILT_IN: Readonly<Record<string, BuiltInDriver>> = {
  file: async (url, options) => (await import("./local_dir.ts")).openLocalDir(url, options),
  memory: async (url) => (await import("./memory.ts")).openMemoryStore(url),
  s3: async (url, { s3 }) => (await import("./s3_prefix.ts")).openS3Store(url, s3),
  sqlite: async (url, options) => (await import("./sqlite.ts")).openSqlite(url, options),
};

/**
 * Open the store that `url` names: the path of a directory or a `file:` URL, `sqlite:///path.db`,
 * `s3://bucket/prefix?region=...`, `memory:`, or the URL of a configured driver.
 *
 * @example
 * ```ts no-assert
 * import { openStore } from "./open_store.ts";
 *
 * await using store = await openStore("memory:");
 * for await (const { name, size } of store.list()) console.log(name, size);
 * ```
 *
 * @throws {InputError} when the scheme is unknown, two drivers claim one, the URL holds
 * credentials, or the driver cannot use it
 * @throws {StoreError} when the store cannot be opened; `NotFound` for a directory or a file that is
 * not there and must not be made
 */
export async function openStore(
  url: string,
  options: OpenStoreOptions = {},
): Promise<SnapshotStore> {
  const { drivers = {}, signal, create } = options;
  refuseBadDrivers(drivers);
  const { scheme, url: parsed } = parseStoreUrl(url);
  signal?.throwIfAborted();
  if (Object.hasOwn(BUILT_IN, scheme)) return await BUILT_IN[scheme]!(parsed, options);
  const open = await loadDriver(scheme, driverFor(scheme, drivers));
  const how = { ...(signal && { signal }), ...(create === false && { create }) };
  return adoptStore(await adopted(() => open(parsed, how)));
}

function refuseBadDrivers(drivers: Readonly<Record<string, string>>): void {
  for (const scheme of Object.keys(drivers)) {
    if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) {
      throw new InputError(
        `${
          JSON.stringify(scheme)
        } is no URL scheme for a driver: use lower case letters, digits, ` +
          `"+", "." and "-", without a colon`,
      );
    }
    if (Object.hasOwn(BUILT_IN, scheme)) {
      throw new InputError(
        `a second driver for "${scheme}:" was configured, which is built in: choose another scheme`,
      );
    }
  }
}

function driverFor(scheme: string, drivers: Readonly<Record<string, string>>): string {
  const specifier = Object.hasOwn(drivers, scheme) ? drivers[scheme] : undefined;
  if (specifier !== undefined) return specifier;
  const known = [...Object.keys(BUILT_IN), ...Object.keys(drivers)].sort();
  throw new InputError(
    `no driver opens "${scheme}:" stores; known: ${known.map((name) => `${name}:`).join(", ")}. ` +
      `For another kind, configure its driver; for a path with a colon, write "./" before it`,
  );
}
