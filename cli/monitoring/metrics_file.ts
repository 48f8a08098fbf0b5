import { BackupError, InputError } from "../../lib/model/errors.ts";
import { parseMetrics, renderMetrics, withRunOf } from "./metrics.ts";
import type { EndedRun } from "./outcome.ts";

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
   * Look at the file before any work is done.
   *
   * @throws {InputError} when it holds something else
   * @throws {BackupError} when it cannot be read
   */
  static async open(path: string): Promise<MetricsFile> {
    const file = new MetricsFile(path);
    await file.#read();
    return file;
  }

  /**
   * Add a run to it.
   *
   * @throws {InputError} when it holds something else by now
   * @throws {BackupError} `MetricsNotWritten`
   */
  async add(run: EndedRun): Promise<void> {
    const text = renderMetrics(withRunOf(await this.#read(), run));
    // The collector reads *.prom only.
    const partial = `${this.#path}.${crypto.randomUUID()}.tmp`;
    try {
      await Deno.writeTextFile(partial, text, { createNew: true, mode: 0o644 });
      await Deno.rename(partial, this.#path);
    } catch (error) {
      throw fileError("write", this.#path, await removeAfter(error, partial));
    }
  }

  async #read() {
    try {
      return parseMetrics(await Deno.readTextFile(this.#path), this.#path);
    } catch (error) {
      if (error instanceof InputError) throw error;
      if (error instanceof Deno.errors.NotFound) return new Map();
      throw fileError("read", this.#path, error);
    }
  }
}

function fileError(what: "read" | "write", path: string, cause: unknown): BackupError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new BackupError(
    "MetricsNotWritten",
    `cannot ${what} the metrics ${path}: ${reason}; make the file and its directory writable for ` +
      `this user, or name another one with --metrics`,
    { cause },
  );
}

/** What failed first says why; a file that is left over besides is not of the collector's kind. */
async function removeAfter(first: unknown, partial: string): Promise<unknown> {
  await Deno.remove(partial).catch(() => undefined);
  return first;
}
