import { TwoFailures } from "../errors.ts";
import { EXIT } from "../exit_codes.ts";
import { MetricsFile } from "./metrics_file.ts";
import type { EndedRun } from "./outcome.ts";
import { parsePingUrl, ping } from "./ping.ts";

/** Who is to be told how a command ended. */
export interface MonitorOptions {
  /** A file for the textfile collector. */
  readonly metrics?: string | undefined;
  /** The URL of a dead man's switch. */
  readonly ping?: string | undefined;
}

/** Tells those who watch how a command ended. */
export class Monitor {
  readonly #metrics: MetricsFile | undefined;
  readonly #ping: URL | undefined;
  readonly #warn: (message: string) => void;

  private constructor(
    metrics: MetricsFile | undefined,
    ping: URL | undefined,
    warn: (message: string) => void,
  ) {
    this.#metrics = metrics;
    this.#ping = ping;
    this.#warn = warn;
  }

  /**
   * See before the work whether they can be told.
   *
   * @param warn Is told of what does not change how the command ends.
   * @throws {InputError} when the file holds something else, or the URL cannot be pinged
   * @throws {BackupError} `MetricsNotWritable`
   */
  static async open(
    options: MonitorOptions,
    warn: (message: string) => void,
  ): Promise<Monitor> {
    const url = options.ping === undefined ? undefined : parsePingUrl(options.ping);
    const { metrics: path } = options;
    return new Monitor(path === undefined ? undefined : await MetricsFile.open(path), url, warn);
  }

  /**
   * Tell of a run. A dead man's switch hears of success only: its silence is the alarm, and so
   * one that cannot be reached changes nothing else. It hears of the work, whether or not the
   * metrics could be written.
   *
   * @throws {BackupError} `MetricsNotWritten`
   * @throws {TwoFailures} when Deno does not allow the other, besides
   */
  async tell(run: EndedRun): Promise<void> {
    if (run.outcome?.dryRun) return;
    const told = await Promise.allSettled([this.#metrics?.add(run), this.#tellSwitch(run)]);
    const [first, second] = told.filter(({ status }) =>
      status === "rejected"
    ) as PromiseRejectedResult[];
    if (second) throw new TwoFailures(first!.reason, second.reason);
    if (first) throw first.reason;
  }

  async #tellSwitch({ exitCode }: EndedRun): Promise<void> {
    if (exitCode !== EXIT.done) return;
    const problem = this.#ping && await ping(this.#ping);
    if (problem !== undefined) this.#warn(problem);
  }
}
