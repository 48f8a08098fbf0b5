import type { EntryBatch } from "../model/entry_batch.ts";
import type { OnProgress } from "../model/progress.ts";
import type { SnapshotStore } from "../model/store.ts";
import type { Point } from "../point.ts";
import { runBounded } from "../s3/run_bounded.ts";
import { findUnreferenced, type Unreferenced } from "./find_unreferenced.ts";
import type { Replica } from "./replica.ts";
import type { UnreferencedReport } from "./report.ts";
import { selectParts } from "./select_parts.ts";

/** What is swept, and how. */
export interface SweepOptions {
  readonly store: SnapshotStore;
  readonly replica: Replica;
  /** All points that may name versions of the bucket; the last one tells how its keys are spread. */
  readonly points: readonly Point[];
  /** What has not been current since then is due, in milliseconds since 1970. Default: nothing. */
  readonly until: number | undefined;
  /** Called with what is due, a batch at a time, several at once. */
  readonly remove: (versions: readonly Unreferenced[], signal: AbortSignal) => Promise<void>;
  /** Told of each page of the listing. */
  readonly onProgress?: OnProgress | undefined;
  /** Abort: the reason is thrown. */
  readonly signal: AbortSignal;
}

/**
 * List the whole bucket, count what no point names, and hand over what of it is due.
 *
 * @throws {SnapshotError} `CorruptSnapshot` when a part cannot be read
 * @throws {S3Error} when the bucket cannot be listed
 */
export async function sweepUnreferenced(options: SweepOptions): Promise<UnreferencedReport> {
  const { store, replica, points, until = -Infinity, remove, onProgress, signal } = options;
  const found = { versions: 0, bytes: 0 }, due = { versions: 0, bytes: 0 };
  let objects = 0, bytes = 0;
  const versions = findUnreferenced(
    replica.listVersions("", { splitKeys: splitKeysOf(points), signal }),
    selectParts(store, points, new Set(points.keys()), { exclusive: false, signal }),
    {
      until,
      onFound({ since, size }) {
        add(found, size);
        if (since <= until) add(due, size);
      },
      onPage(page) {
        objects += page.length;
        bytes += sumOfSizes(page);
        onProgress?.({ phase: "listing", objects, bytes });
      },
    },
  );
  await runBounded(versions, replica.concurrency, remove, signal);
  return { before: until === -Infinity ? null : new Date(until).toISOString(), ...found, due };
}

function splitKeysOf(points: readonly Point[]): string[] {
  const manifest = points.findLast((point) => point.manifest)?.manifest;
  return manifest?.parts.flatMap(({ splitKeys }) => splitKeys) ?? [];
}

function add(totals: { versions: number; bytes: number }, size: number): void {
  totals.versions++;
  totals.bytes += size;
}

function sumOfSizes({ sizes }: EntryBatch): number {
  let sum = 0;
  for (const size of sizes) sum += size;
  return sum;
}
