import { BackupError } from "../model/errors.ts";
import { Failures, type OnFailure } from "./failures.ts";
import type { PlanSummary } from "./plan_summary.ts";
import type { RestoreFailure } from "./restore_failure.ts";
import type { Unmatched } from "./selector_hits.ts";

/** Archived versions that lie in one place. */
export interface ArchivedTier {
  /**
   * A storage class; `INTELLIGENT_TIERING/ARCHIVE_ACCESS` and `.../DEEP_ARCHIVE_ACCESS` where the
   * server tells that much, which it does not before it is asked for the bytes.
   */
  readonly tier: string;
  /** How many lie there. */
  readonly objects: number;
  /** Sum of their sizes. */
  readonly bytes: number;
}

/** What a restore did or, as a dry run, would do. */
export interface RestoreReport {
  /** Id of the snapshot; null where a moment was restored without one. */
  readonly snapshot: string | null;
  /** That moment, in ISO 8601; null where a snapshot was restored. */
  readonly at: string | null;
  /** URL of the bucket that was restored. */
  readonly target: string;
  /** Whether it only says what would be done. */
  readonly dryRun: boolean;
  /** Entries of the snapshot that were selected. */
  readonly objects: number;
  /** Those that were right already. */
  readonly unchanged: number;
  /** Those that were copied. */
  readonly copied: number;
  /** Those that came back by removing delete markers. */
  readonly undeleted: number;
  /** Those that, with `undelete`, have lost the delete markers in the replica, whatever else was done. */
  readonly undeletedInReplica: number;
  /** Keys that the snapshot lacks and that got a delete marker. */
  readonly deleted: number;
  /** Keys that the snapshot lacks and that stay. */
  readonly extra: number;
  /**
   * Keys that were asked for by name and that the snapshot lacks. Unless they were to be deleted,
   * `failed` names each, with the code `NotInSnapshot`.
   */
  readonly absent: number;
  /**
   * What of the selection has selected nothing, though the rest has: most likely it is mistyped. Keys
   * that were named are not among it, see `absent`. Empty where the run did not come to its end.
   */
  readonly unmatched: Unmatched;
  /** Those that have to be thawed before they can be copied. */
  readonly archived: number;
  /** Sum of the sizes of the archived ones. */
  readonly bytesArchived: number;
  /** The archived ones by where they lie. */
  readonly archivedByTier: readonly ArchivedTier[];
  /** Archived ones that are being thawed; restore again once they are readable. */
  readonly thawing: number;
  /** Hours after which AWS says these are readable, typically; null where none is being thawed. */
  readonly readableWithinHours: number | null;
  /**
   * The first of what did not come about, in no particular order: at most 10,000.
   * `onFailure` is told of each.
   */
  readonly failed: readonly RestoreFailure[];
  /** How many there are in all. */
  readonly failedCount: number;
  /** Sum of the sizes of the copied objects. */
  readonly bytesCopied: number;
  /**
   * Of the copied ones, those whose bytes pass through this machine, because no server copies them
   * from the replica to the target.
   */
  readonly streamed: number;
  /** Sum of the sizes of the streamed ones. */
  readonly bytesStreamed: number;
  /**
   * Copies whose ETag differs from the original's, because the server does not tell how it was
   * uploaded or encrypts with KMS: restoring again copies them again.
   */
  readonly etagsChanged: number;
  /** Id of the snapshot that undoes this restore; null when nothing was changed, or none wanted. */
  readonly safetySnapshot: string | null;
  /** Of a dry run: what the changes come to; otherwise null. */
  readonly plan: PlanSummary | null;
  /** Whether it was given up on the way. Restoring again does what is left. */
  readonly interrupted: boolean;
  /** From the call to the report. */
  readonly durationMs: number;
}

/** Counts while a restore goes on. */
export type RestoreTally =
  & {
    -readonly [
      Name in keyof Omit<
        RestoreReport,
        | ("snapshot" | "at" | "target" | "dryRun" | "durationMs")
        | ("failed" | "failedCount" | "archivedByTier")
      >
    ]: RestoreReport[Name];
  }
  & { readonly failures: Failures; readonly archivedByTier: ArchivedTier[] };

/** What was counted, as a report has it. */
export type TalliedReport = Omit<
  RestoreReport,
  "snapshot" | "at" | "target" | "dryRun" | "durationMs"
>;

/** The counts so far. */
export function reportOf({ failures, ...counts }: RestoreTally): TalliedReport {
  return { ...counts, failed: failures.first, failedCount: failures.count };
}

/** Count one archived version. */
export function countArchived(tally: RestoreTally, tier: string, size: number): void {
  tally.archived++;
  tally.bytesArchived += size;
  const at = tally.archivedByTier.findIndex((each) => each.tier === tier);
  const { objects, bytes } = tally.archivedByTier[at] ?? { objects: 0, bytes: 0 };
  const counted = { tier, objects: objects + 1, bytes: bytes + size };
  tally.archivedByTier.splice(at < 0 ? Infinity : at, 1, counted);
}

/** Nothing done yet. `onFailure` is told of each failure. */
export function emptyTally(onFailure?: OnFailure): RestoreTally {
  return {
    objects: 0,
    unchanged: 0,
    copied: 0,
    undeleted: 0,
    undeletedInReplica: 0,
    deleted: 0,
    extra: 0,
    absent: 0,
    unmatched: { prefixes: [], include: [] },
    archived: 0,
    bytesArchived: 0,
    archivedByTier: [],
    thawing: 0,
    readableWithinHours: null,
    failures: new Failures(onFailure),
    bytesCopied: 0,
    streamed: 0,
    bytesStreamed: 0,
    etagsChanged: 0,
    safetySnapshot: null,
    plan: null,
    interrupted: false,
  };
}

/** One more object whose bytes pass through this machine. */
export function countStreamed(size: number, tally: RestoreTally): void {
  tally.streamed++;
  tally.bytesStreamed += size;
}

/**
 * A restore or sync that had changed something when it had to stop, for a reason that no single key has.
 * `code` is that of its cause.
 */
export class IncompleteRestoreError extends BackupError {
  /** The class, as it stands in a stack trace. */
  override readonly name = "IncompleteRestoreError";
  /** What was done until then. */
  readonly report: RestoreReport;

  /** `cause` is why it stopped, `kind` what it was. */
  constructor(report: RestoreReport, cause: unknown, kind: "restore" | "sync" = "restore") {
    const { code, message, retryable } = cause instanceof BackupError
      ? cause
      : { code: "Failed", message: String(cause), retryable: false };
    const { copied, undeleted, deleted, safetySnapshot } = report;
    super(
      code,
      `the ${kind} of ${placesOf(report, kind)} is not complete: ${message}. Until ` +
        `then ${copied} objects were copied, ${undeleted} undeleted and ${deleted} deleted; ` +
        `${kind === "sync" ? "syncing" : "restoring"} again does the rest` +
        (safetySnapshot === null ? "" : `, restoring ${safetySnapshot} undoes it`),
      { cause, retryable },
    );
    this.report = report;
  }
}

function placesOf({ snapshot, at, target }: RestoreReport, kind: "restore" | "sync"): string {
  if (kind === "sync") return `${target} to what its source held at ${at}`;
  return `${snapshot ?? at} to ${target}`;
}
