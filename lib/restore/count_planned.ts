import { entryAt } from "../model/entry_batch.ts";
import type { OpenedRestore } from "../restore_plan.ts";
import { absentKey, lostVersion } from "./lost_version.ts";
import {
  ABSENT,
  COPY,
  COPY_ARCHIVED,
  COPY_OWN,
  DELETE,
  MISSING,
  type RestoreBatch,
} from "./restore_batch.ts";
import { countArchived, countStreamed, type RestoreTally } from "./restore_report.ts";

/** Count what a batch has decided without anything to do. */
export function countBatch(batch: RestoreBatch, tally: RestoreTally): void {
  tally.objects += batch.objects;
  tally.unchanged += batch.unchanged;
  tally.extra += batch.extra;
  tally.absent += batch.absent;
}

/** Count a batch as if all that it says had been done, and gone well. */
export async function countPlanned(
  batch: RestoreBatch,
  { source, streams }: Pick<OpenedRestore, "source" | "streams">,
  tally: RestoreTally,
): Promise<void> {
  countBatch(batch, tally);
  tally.undeleted += batch.undeleted;
  tally.undeletedInReplica += batch.undeletedInReplica;
  const { entries, actions } = batch;
  for (let row = 0; row < entries.length; row++) {
    const action = actions[row];
    if (action === COPY || action === COPY_OWN) {
      tally.copied++;
      tally.bytesCopied += entries.sizes[row]!;
      if (streams && action === COPY) countStreamed(entries.sizes[row]!, tally);
    } else if (action === COPY_ARCHIVED) {
      const { storageClass, size } = entryAt(entries, row);
      countArchived(tally, storageClass, size);
    } else if (action === DELETE) tally.deleted++;
    else if (action === ABSENT) await tally.failures.add(absentKey(entryAt(entries, row)));
    else if (action === MISSING) {
      await tally.failures.add(lostVersion(entryAt(entries, row), source));
    }
  }
}
