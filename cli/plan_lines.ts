import { entryAt } from "../lib/model/entry_batch.ts";
import {
  ABSENT,
  COPY,
  COPY_ARCHIVED,
  COPY_OWN,
  DELETE,
  MISSING,
  REMOVE_MARKER,
  REMOVE_REPLICA_MARKER,
  type RestoreAction,
  type RestoreBatch,
} from "../lib/restore/restore_batch.ts";
import type { RestoreReport } from "../lib/restore/restore_report.ts";
import type { BegunDocument } from "./begun_document.ts";
import { formatBytes, printable } from "./format.ts";
import type { Output } from "./output.ts";

/** What is done about a key, as scripts and people read it. */
const ACTIONS: Readonly<Record<RestoreAction, string>> = {
  [COPY]: "copy-from-replica",
  [COPY_OWN]: "copy-from-target",
  [COPY_ARCHIVED]: "archived",
  [REMOVE_MARKER]: "remove-delete-marker",
  [REMOVE_REPLICA_MARKER]: "remove-replica-marker",
  [DELETE]: "delete",
  [MISSING]: "lost",
  [ABSENT]: "not-in-snapshot",
};
/** So wide is the longest. */
const ACTION_WIDTH = Math.max(...Object.values(ACTIONS).map(({ length }) => length));
/** So wide is the widest size: `1023.9 KiB`. */
const SIZE_WIDTH = 10;

/** Prints the keys of a plan as they come, in their order: lines, or the beginning of a document. */
export class PlanLines implements BegunDocument {
  readonly #output: Output;
  readonly #json: boolean;
  #isFirst = true;

  /** `json` for elements of an array. */
  constructor(output: Output, json: boolean) {
    this.#output = output;
    this.#json = json;
  }

  /** Print what a batch says. */
  async write({ entries, actions }: RestoreBatch): Promise<void> {
    for (let row = 0; row < entries.length; row++) {
      const { key, versionId, size } = entryAt(entries, row);
      const action = ACTIONS[actions[row] as RestoreAction];
      await this.#output.write(
        this.#json
          ? this.#separator() + JSON.stringify({ key, versionId, size, action })
          : `${action.padEnd(ACTION_WIDTH)}  ${formatBytes(size).padStart(SIZE_WIDTH)}  ` +
            `${printable(key)}\n`,
      );
    }
  }

  /** @inheritdoc */
  get head(): string {
    return this.#json ? `${this.#isFirst ? this.#separator() : ""}],` : "{";
  }

  /**
   * The report, and how many failures it leaves out: it holds the first of them, and cannot be printed
   * beside the keys as they come. The keys tell of all that are lost or not in the snapshot.
   */
  fieldsOf(report: RestoreReport): object {
    return { ...report, failedLeftOut: report.failedCount - report.failed.length };
  }

  #separator(): string {
    if (!this.#isFirst) return ",";
    this.#isFirst = false;
    return '{"keys":[';
  }
}
