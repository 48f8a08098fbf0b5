/**
 * Settings for one run: from the command line or a call, the environment and a configuration file,
 * in this order of precedence. Nothing is read here but by the functions that the caller gives.
 */
import { dirname, resolve } from "node:path";
import { readEnvironment, type ReadVariable } from "./config/environment.ts";
import { resolveDriver, resolveStore } from "./config/file_references.ts";
import { DEFAULT_LOG, type LogSettings } from "./config/log_settings.ts";
import { type Defined, defined, type Overrides } from "./config/overrides.ts";
import { parseConfig } from "./config/parse_config.ts";
import type { ParsedConfig } from "./config/parsed_config.ts";
import type { SetConfig } from "./config/schema.ts";
import type { StaticCredentials } from "./config/static_credentials.ts";
import { InputError } from "./model/errors.ts";
import { nearest } from "./model/nearest.ts";
import type { RetentionPolicy } from "./model/retention_policy.ts";
import { parseAge } from "./model/time.ts";

/** A configuration file as found: its path, and the text in it. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** Where settings come from. */
export interface SettingsSources {
  /** Default: none. */
  readonly file?: ConfigFile | undefined;
  /** Reads an environment variable. Default: none is set. */
  readonly readVariable?: ReadVariable;
  /** What takes precedence over everything else. */
  readonly overrides?: Overrides;
}

/** What a run needs to know. Which of the buckets and the store it needs, the operation says. */
export interface Settings {
  /** The set's name, where one of a file was chosen. */
  readonly set?: string;
  /** URL of the bucket that is restored; the replica's when it is the only one. */
  readonly source?: string;
  /** URL of the bucket that holds the versions; the source's when it is the only one. */
  readonly replica?: string;
  /** Directory or URL, as `openStore` takes it. */
  readonly store?: string;
  readonly compress: boolean;
  readonly concurrency?: number;
  /** As `gc` takes it. Without any rule when none is configured. */
  readonly retention: RetentionPolicy;
  /** Module specifiers by URL scheme, as `openStore` takes them. */
  readonly drivers: Readonly<Record<string, string>>;
  readonly log: LogSettings;
  /** Of a 2015 file that holds keys: for its buckets, in place of the AWS chain. */
  readonly credentials?: StaticCredentials;
  /** What is not wrong enough to stop, each with where it stands. */
  readonly warnings: readonly string[];
}

/**
 * Put settings together. Retention rules are taken one by one: one that the command line gives
 * replaces the file's of the same name only.
 *
 * @throws {InputError} when a source cannot be read as what it should be; naming the sets that
 * there are when the one that is meant is unknown, or not named though there are several
 *
 * @example
 * ```ts
 * import { resolveSettings } from "./config.ts";
 *
 * const text = `{ "sets": { "photos": { "source": "s3://photos", "store": "snapshots" } } }`;
 * const { store } = resolveSettings({ file: { path: "/etc/backup.jsonc", text } });
 * // store is "/etc/snapshots"
 * ```
 */
export function resolveSettings(sources: SettingsSources): Settings {
  const { file, readVariable = () => undefined, overrides = {} } = sources;
  const config = file && parseConfig(file.path, file.text);
  const environment = readEnvironment(readVariable);
  const wanted = overrides.set ?? environment.set;
  const set = config && chooseSet(file, config, wanted, needsSet(environment, overrides));
  if (wanted !== undefined && !config) {
    throw new InputError(
      `there is no set ${JSON.stringify(wanted)}: no configuration file is used`,
    );
  }
  const merged = {
    ...(set && file ? fromFile(set.config, file) : {}),
    ...defined(environment),
    ...defined(overrides),
  };
  const { source, replica, store, compress = true, concurrency } = merged;
  return {
    ...defined({ set: set?.name, source: source ?? replica, replica: replica ?? source }),
    ...defined({ store, concurrency, credentials: config?.credentials }),
    compress,
    retention: policyOf(set?.config, environment, overrides),
    drivers: file && config ? driversOf(config, file) : {},
    log: {
      ...DEFAULT_LOG,
      ...defined(config?.log),
      ...defined(environment.log),
      ...defined(overrides.log),
    },
    warnings: config?.warnings ?? [],
  };
}

interface ChosenSet {
  readonly name: string;
  readonly config: SetConfig;
}

/** Without a store from elsewhere, a run can do nothing until one set is chosen. */
function needsSet(environment: Overrides, overrides: Overrides): boolean {
  return (overrides.store ?? environment.store) === undefined;
}

function chooseSet(
  file: ConfigFile,
  { sets }: ParsedConfig,
  wanted: string | undefined,
  isNeeded: boolean,
): ChosenSet | undefined {
  const names = Object.keys(sets);
  const name = wanted ?? (names.length === 1 ? names[0]! : undefined);
  if (name !== undefined && Object.hasOwn(sets, name)) return { name, config: sets[name]! };
  if (name === undefined && !isNeeded) return;
  const known = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
  if (name === undefined) {
    throw new InputError(`${file.path}: which set is meant? Name one with --set: ${known}`);
  }
  const near = nearest(name, names);
  const hint = near === undefined ? known : `did you mean ${near}?`;
  throw new InputError(`${file.path}: there is no set ${JSON.stringify(name)}: ${hint}`);
}

function fromFile(set: SetConfig, { path }: ConfigFile): Defined<SetConfig> {
  const { store } = set;
  return defined({
    ...set,
    store: store === undefined ? undefined : resolveStore(store, directoryOf(path)),
  });
}

function driversOf({ drivers }: ParsedConfig, { path }: ConfigFile): Record<string, string> {
  const entries = Object.entries(drivers)
    .map(([scheme, specifier]) => [scheme, resolveDriver(specifier, directoryOf(path))]);
  return Object.fromEntries(entries);
}

function directoryOf(path: string): string {
  return dirname(resolve(path));
}

function policyOf(
  set: SetConfig | undefined,
  environment: Overrides,
  overrides: Overrides,
): RetentionPolicy {
  const { keepWithin, ...rules } = {
    ...defined(set?.retention),
    ...defined(environment.retention),
    ...defined(overrides.retention),
  };
  return { ...rules, ...(keepWithin !== undefined && { keepWithin: parseAge(keepWithin) }) };
}
