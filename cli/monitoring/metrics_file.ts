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
   */
  static async open(path: string): Promise<MetricsFile> {
    const file = new MetricsFile(path);
    await file.#read();
    return file;
  }

  /** Add a run to it. */
  async add(run: EndedRun): Promise<void> {
    const text = renderMetrics(withRunOf(await this.#read(), run));
    // The collector reads *.prom only.
    const partial = `${this.#path}.${crypto.randomUUID()}.tmp`;
    try {
      await Deno.writeTextFile(partial, text, { createNew: true, mode: 0o644 });
      await Deno.rename(partial, this.#path);
    } catch (error) {
      await removeIfThere(partial);
      throw error;
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

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
