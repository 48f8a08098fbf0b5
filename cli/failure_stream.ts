import type { RestoreFailure } from "../lib/restore/restore_failure.ts";
import { IncompleteRestoreError, type RestoreReport } from "../lib/restore/restore_report.ts";
import type { BegunDocument } from "./begun_document.ts";
import { failureOf } from "./errors.ts";
import { type Output, OutputClosed } from "./output.ts";

/**
 * Prints failures as they come, however many there are: as the beginning of the one document in JSON
 * that the report ends. It is begun with the first.
 */
export class FailureStream implements BegunDocument {
  readonly #output: Output;
  #isBegun = false;
  #closed: OutputClosed | undefined;

  /** Prints there. */
  constructor(output: Output) {
    this.#output = output;
  }

  /** Print one. That nobody reads it stops no restore. */
  readonly onFailure = async (failure: RestoreFailure): Promise<void> => {
    await this.#write(`${this.#isBegun ? "," : '{"failed":['}${JSON.stringify(failure)}`);
    this.#isBegun = true;
  };

  /** @inheritdoc */
  get head(): string {
    return this.#isBegun ? "]," : "{";
  }

  /** @inheritdoc */
  fieldsOf(report: RestoreReport): object {
    if (!this.#isBegun) return report;
    const { failed: _, ...rest } = report;
    return rest;
  }

  /** End a document that was begun, where an error takes the place of the report. */
  async end(error: unknown): Promise<void> {
    if (!this.#isBegun) return;
    const { code, message } = failureOf(error);
    const done = error instanceof IncompleteRestoreError ? this.fieldsOf(error.report) : {};
    const rest = JSON.stringify({ ...done, error: { code, message } });
    await this.#write(`${this.head}${rest.slice(1)}\n`);
    if (!this.#closed) await this.#output.flush();
  }

  async #write(text: string): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#output.write(text);
    } catch (error) {
      if (!(error instanceof OutputClosed)) throw error;
      this.#closed = error;
    }
  }
}
