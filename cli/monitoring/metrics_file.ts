import { BackupError, InputError } from "../../lib/model/errors.ts";
import { EXIT } from "../exit_codes.ts";
import { parseMetrics, renderMetrics, withRunOf } from "./metrics.ts";
import type { EndedRun } from "./outcome.ts";

const ADVICE =
  "Make the file and its directory writable for this user, or name another one with --metrics";

/**
 * A file for the textfile collector of Prometheus' node exporter. Runs of several commands and sets
 * may share one; it is replaced as a whole, so that a collector never sees half of it.
 */
export class MetricsFile {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Look at the file before any work is done, and whether it can be written.
   *
   * @throws {InputError} when it holds something else
   * @throws {BackupError} `MetricsNotWritable`
   */
  static async open(path: string): Promise<MetricsFile> {
    const file = new MetricsFile(path);
    try {
      await file.#read();
      await file.#write("", (partial) => Deno.remove(partial));
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw new BackupError("MetricsNotWritable", `${problemOf(path, cause)}. ${ADVICE}`, {
        cause,
      });
    }
    return file;
  }

  /**
   * Add a run to it.
   *
   * @throws {InputError} when it holds something else by now
   * @throws {BackupError} `MetricsNotWritten`
   */
  async add(run: EndedRun): Promise<void> {
    try {
      const text = renderMetrics(withRunOf(await this.#read(), run));
      await this.#write(text, (partial) => Deno.rename(partial, this.#path));
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      const rest = run.exitCode === EXIT.done ? `The ${run.command} itself succeeded. ` : "";
      const message = `${problemOf(this.#path, cause)}. ${rest}${ADVICE}`;
      throw new BackupError("MetricsNotWritten", message, { cause });
    }
  }

  /** Under another name at first: the collector reads *.prom only, and what is whole. */
  async #write(text: string, finish: (partial: string) => Promise<void>): Promise<void> {
    const partial = `${this.#path}.${crypto.randomUUID()}.tmp`;
    try {
      await Deno.writeTextFile(partial, text, { createNew: true, mode: 0o644 });
      await finish(partial);
    } catch (error) {
      throw await removeAfter(error, partial);
    }
  }

  async #read() {
    try {
      return parseMetrics(await Deno.readTextFile(this.#path), this.#path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return new Map();
      throw error;
    }
  }
}

function problemOf(path: string, cause: unknown): string {
  return `cannot write metrics to ${path}: ${reasonOf(cause)}`;
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "its directory does not exist";
  if (cause instanceof Deno.errors.NotADirectory) return "what it lies in is no directory";
  if (cause instanceof Deno.errors.IsADirectory) return "it is a directory";
  if (cause instanceof Deno.errors.PermissionDenied) return "this user is not allowed to";
  return cause instanceof Error ? cause.message : String(cause);
}

/** What failed first says why; a file that is left over besides is not of the collector's kind. */
async function removeAfter(first: unknown, partial: string): Promise<unknown> {
  await Deno.remove(partial).catch(() => undefined);
  return first;
}
