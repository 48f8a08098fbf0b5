import { BatchCursor } from "../index/batch_cursor.ts";
import type { EntryBatch } from "../model/entry_batch.ts";
import { compareAt } from "../model/key_order.ts";
import { PlanDraft, type PlanRules } from "./plan_draft.ts";
import { PLAN_BATCH_LENGTH, type RestoreBatch } from "./restore_batch.ts";
import { ABSENT_NAME } from "./select_rows.ts";

/**
 * Compare what a snapshot holds with what the target holds, key by key, and say what to do. Both
 * ascend by the same keys; rows of the snapshot may be {@linkcode ABSENT_NAME}s. The target's are all
 * its versions, newest first. Reads each once, and holds two batches of each.
 *
 * @param mirrored All versions of the target's replica, by the same keys, where that is asked for.
 */
export async function* planKeys(
  entries: AsyncIterable<EntryBatch>,
  versions: AsyncIterable<EntryBatch>,
  rules: PlanRules,
  mirrored?: AsyncIterable<EntryBatch>,
): AsyncGenerator<RestoreBatch> {
  const snapshot = new BatchCursor(entries), target = new BatchCursor(versions);
  const replica = new BatchCursor(mirrored ?? nothing());
  const draft = new PlanDraft(rules, { hasReplica: mirrored !== undefined });
  try {
    let inSnapshot = await snapshot.load(), inTarget = await target.load();
    while (inSnapshot || inTarget) {
      const order = !inTarget ? -1 : !inSnapshot ? 1 : compare(snapshot, target);
      if (order < 0) {
        if (isAbsent(snapshot)) draft.absent(snapshot.batch, snapshot.row);
        else {
          while (!seeReplica(draft, snapshot, replica)) await replica.load();
          draft.decide(snapshot.batch, snapshot.row);
        }
        inSnapshot = snapshot.step() || await snapshot.load();
      } else {
        if (order === 0 && !isAbsent(snapshot)) {
          draft.see(snapshot.batch, snapshot.row, target.batch, target.row);
        } else draft.surplus(target.batch, target.row);
        inTarget = target.step() || await target.load();
      }
      if (draft.length >= PLAN_BATCH_LENGTH) yield draft.take();
    }
    if (draft.length > 0) yield draft.take();
  } finally {
    await Promise.all([snapshot.close(), target.close(), replica.close()]);
  }
}

/** Whether the row only says that a key was asked for, which the snapshot lacks. */
function isAbsent({ batch, row }: BatchCursor): boolean {
  return (batch.flags[row]! & ABSENT_NAME) !== 0;
}

async function* nothing(): AsyncGenerator<EntryBatch> {}

/**
 * Show the draft what the replica has of the snapshot's key.
 *
 * @returns False when the replica must be loaded first
 */
function seeReplica(draft: PlanDraft, snapshot: BatchCursor, replica: BatchCursor): boolean {
  for (; replica.isAtRow; replica.step()) {
    const order = compare(replica, snapshot);
    if (order > 0) return true;
    if (order === 0) draft.seeReplica(snapshot.batch, snapshot.row, replica.batch, replica.row);
  }
  return replica.isReady;
}

function compare(a: BatchCursor, b: BatchCursor): number {
  return compareAt(a.batch.keys, a.row, b.batch.keys, b.row);
}
