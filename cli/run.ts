import type { Settings } from "../lib/config.ts";
import { InputError } from "../lib/model/errors.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { type Bucket, openBucket } from "../lib/s3/bucket.ts";
import { openStore } from "../backends/open_store.ts";
import { mayReadVariable } from "./environment.ts";
import type { GlobalOptions } from "./global_options.ts";
import { type Log, openLog } from "./logging.ts";
import type { Outcome } from "./monitoring/outcome.ts";
import { Output } from "./output.ts";
import { NoProgress, type ProgressDisplay, ProgressLine, ProgressLog } from "./progress.ts";
import { Interrupted, StopSignal } from "./signals.ts";
import { confirm } from "./confirm.ts";
import { countOf } from "./format.ts";
import { EXIT } from "./exit_codes.ts";
import { openQuestioner, terminalColumns, writeStderr } from "./terminal.ts";

/** Everything that a command works with. Disposing of it closes all that it opened. */
export class Run implements AsyncDisposable {
  readonly settings: Settings;
  readonly options: GlobalOptions;
  /** The result goes here. */
  readonly output: Output = new Output(Deno.stdout);
  readonly progress: ProgressDisplay;
  readonly log: Log;
  /** What the command came to, once it is known. */
  outcome: Outcome | undefined;
  readonly #stop: StopSignal;
  readonly #stack = new AsyncDisposableStack();

  /** Use `openRun`. */
  constructor(settings: Settings, options: GlobalOptions) {
    this.settings = settings;
    this.options = options;
    this.log = this.#stack.use(openLog(settings.log, (line) => {
      this.progress?.clear();
      writeStderr(line);
    }));
    this.progress = this.#stack.adopt(this.#openProgress(), (progress) => progress.clear());
    this.#stop = this.#stack.use(
      new StopSignal((by) => this.#announceStop(by), () => Deno.exit(EXIT.interrupted)),
    );
    for (const warning of settings.warnings) this.log.write("warning", warning);
  }

  /** Aborts when the user asks to stop. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Whether the user asked to stop. */
  get isInterrupted(): boolean {
    return this.signal.reason instanceof Interrupted;
  }

  /**
   * The store, opened: one that is there, unless `create` says that the command may make it.
   *
   * @throws {InputError} when none is given
   * @throws {StoreError} `NotFound` when it is not there
   */
  async openStore({ create = false } = {}): Promise<SnapshotStore> {
    const { store, drivers, concurrency } = this.settings;
    if (store === undefined) {
      throw missing("store", "a directory, sqlite:///PATH or s3://BUCKET/PREFIX");
    }
    const s3 = concurrency === undefined ? {} : { concurrency };
    return this.#stack.use(await openStore(store, { drivers, s3, create, signal: this.signal }));
  }

  /** The bucket that holds the versions. @throws {InputError} when none is given */
  openReplica(): Bucket {
    const { replica } = this.settings;
    if (replica === undefined) throw missing("source", "s3://NAME?region=REGION");
    return this.openBucket(replica);
  }

  /** The bucket that is restored. @throws {InputError} when none is given */
  openSource(): Bucket {
    const { source } = this.settings;
    if (source === undefined) throw missing("source", "s3://NAME?region=REGION");
    return this.openBucket(source);
  }

  /** A bucket by its URL. @throws {InputError} when that is none */
  openBucket(url: string): Bucket {
    const { concurrency, credentials } = this.settings;
    return this.#stack.use(openBucket(url, {
      ...(concurrency !== undefined && { concurrency }),
      ...(credentials && { credentials: credentials.reveal() }),
    }));
  }

  /**
   * Print what was done: as JSON, or in words. Where it is to be quiet, words are for dry runs and
   * for what is wrong.
   */
  async report(report: object, words: string, outcome: Outcome, head = "{"): Promise<void> {
    this.outcome = outcome;
    this.progress.clear();
    if (this.options.json) {
      return await this.output.write(`${head}${JSON.stringify(report).slice(1)}\n`);
    }
    const isWanted = !this.options.quiet || outcome.dryRun || outcome.failures > 0;
    if (isWanted) await this.output.write(words);
  }

  /** Whether there is somebody to ask, who did not say yes in advance. */
  get mustAsk(): boolean {
    return !this.options.yes && openQuestioner() !== undefined;
  }

  /** Show what will happen and ask, where there is somebody to ask. */
  async confirm(summary: string, question: string): Promise<void> {
    const terminal = this.mustAsk ? openQuestioner() : undefined;
    if (!terminal) return;
    this.progress.clear();
    terminal.write(summary);
    await confirm(question, terminal, this.signal);
  }

  /**
   * Do what the user may stop. `rest` says then what was not done.
   *
   * @throws {Interrupted} with what was and was not done
   */
  async stoppable<Result>(rest: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      const end = rest === "" ? "" : `. ${rest}`;
      throw new Interrupted(error.by, this.#describeStop(error.by) + end);
    }
  }

  #describeStop(by: Deno.Signal): string {
    const { last } = this.progress;
    if (!last) return `stopped by ${by}`;
    return `stopped by ${by} while ${last.phase}, after ${countOf(last.objects, "object")}`;
  }

  /** Closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #openProgress(): ProgressDisplay {
    const { progress, quiet } = this.options;
    const now = () => performance.now();
    if (!progress || quiet) return new NoProgress();
    if (Deno.stderr.isTerminal()) {
      return new ProgressLine({ now, write: writeStderr, columns: terminalColumns });
    }
    return new ProgressLog({ now, log: (message) => this.log.write("info", message) });
  }

  #announceStop(by: Deno.Signal): void {
    this.log.write("warning", `${by}: stopping cleanly; once more stops at once`);
  }
}

function missing(what: "store" | "source", example: string): InputError {
  const variable = `BACKUP_MY_BUCKET_${what.toUpperCase()}`;
  const environment = mayReadVariable(variable)
    ? variable
    : `${variable} (which Deno does not allow to read: --allow-env=BACKUP_MY_BUCKET_*)`;
  const noun = what === "source" ? "bucket" : what;
  return new InputError(
    `no ${noun} is given: name one with --${what} (${example}), ${environment} or in a ` +
      `configuration file`,
  );
}
