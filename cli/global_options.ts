import { type Command, InvalidArgumentError, Option } from "npm:@commander-js/extra-typings@15.1.0";

/** What every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly set?: string;
  readonly source?: string;
  readonly replica?: string;
  readonly store?: string;
  readonly concurrency?: number;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly progress: boolean;
  readonly yes?: true;
  readonly logFormat?: "text" | "json";
}

/** The same, where `--replica` may stand alone. */
export type GlobalOptionsOrFlag = Omit<GlobalOptions, "replica"> & {
  readonly replica?: string | true;
};

/** Most requests in flight that can be asked for, as `openBucket` has it. */
const MAX_CONCURRENCY = 1024;

/** Give a command the options that every one takes. */
export function addGlobalOptions(command: Command): void {
  command
    .option("-c, --config <file>", "configuration file")
    .option("-s, --set <name>", "set of the configuration that is meant")
    .option("--source <bucket>", "bucket that is restored: s3://NAME[/PREFIX][?region=...]")
    .addOption(replicaOption())
    .option("--store <store>", "where snapshots live: a directory, sqlite:, s3: ...")
    .option(
      "--concurrency <n>",
      "most requests in flight at once",
      wholeNumber(1, MAX_CONCURRENCY),
    )
    .option("--json", "print the result as JSON")
    .option("-q, --quiet", "print only what is wrong")
    .option("-v, --verbose", "log more")
    .option("--no-progress", "show no progress")
    .option("-y, --yes", "do not ask")
    .addOption(
      new Option("--log-format <format>", "how log lines look").choices(["text", "json"] as const),
    );
}

/** The help says that it takes a bucket. It may lack one for the sake of `verify`. */
function replicaOption(): Option {
  const option = new Option("--replica <bucket>", "versioned bucket that holds the versions");
  return Object.assign(option, { required: false, optional: true });
}

/**
 * The values of these options, wherever on the command line they stand.
 *
 * @throws {InvalidArgumentError} when `--replica` stands there without a bucket
 */
export function globalsOf(command: { optsWithGlobals(): object }): GlobalOptions {
  const { replica, ...options } = replicaFlagOf(command);
  if (replica === true) {
    throw new InvalidArgumentError("option '--replica <bucket>' argument missing");
  }
  return { ...options, ...(replica !== undefined && { replica }) };
}

/** Like {@linkcode globalsOf}, for a command to which `--replica` alone says something, too. */
export function replicaFlagOf(
  command: { optsWithGlobals(): object },
): GlobalOptionsOrFlag {
  return command.optsWithGlobals() as GlobalOptionsOrFlag;
}

/** Reads an option's number. The error says what it accepts. */
export function wholeNumber(
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER
      ? `${least} or more`
      : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Use a whole number, ${range}.`);
  };
}

/** Reads an option that may be given several times. */
export function collect(text: string, earlier: string[] = []): string[] {
  return [...earlier, text];
}

/** Reads an option through the library; what that refuses is a wrong argument. */
export function readBy<Value>(read: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return read(text);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : String(error));
    }
  };
}

/** For stores that cannot lock. */
export function noLockOption(): Option<"--no-lock"> {
  return new Option("--no-lock", "do not lock the store: see to it that nothing else works on it");
}

/** Who holds a lock, for those who find the store locked. A host's name would need a permission. */
export function lockOwner(): string {
  return `process ${Deno.pid}`;
}
