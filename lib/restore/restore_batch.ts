import type { ByteColumn, EntryBatch } from "../model/entry_batch.ts";

/** Keys decided and things to do in a batch, about: what one DeleteObjects request takes. */
export const PLAN_BATCH_LENGTH = 1000;

/** Copy the version from the replica. */
export const COPY = 1;
/** Copy the version from the target's own history, which still holds it. */
export const COPY_OWN = 2;
/** Like {@linkcode COPY}, but its storage class says that it has to be thawed first. */
export const COPY_ARCHIVED = 3;
/** Remove one delete marker; the wanted version lies right below the last one of its key. */
export const REMOVE_MARKER = 4;
/** Put a delete marker on a key that the snapshot lacks. */
export const DELETE = 5;

/** Nothing can be done: the bucket that holds the snapshot's versions has lost this one. */
export const MISSING = 6;

/** Nothing can be done: the key was asked for by name, and the snapshot lacks it. */
export const ABSENT = 7;

/** Remove one delete marker in the replica; there, too, the wanted version lies right below. */
export const REMOVE_REPLICA_MARKER = 8;

/** One of {@linkcode COPY}, {@linkcode COPY_OWN}, and so on. */
export type RestoreAction =
  | typeof COPY
  | typeof COPY_OWN
  | typeof COPY_ARCHIVED
  | typeof REMOVE_MARKER
  | typeof DELETE
  | typeof MISSING
  | typeof ABSENT
  | typeof REMOVE_REPLICA_MARKER;

/** A run of a restore's plan: what to do, and how much needs nothing. Keys ascend over batches. */
export interface RestoreBatch {
  /**
   * What has to be done, in key order. For copies and what is missing the version to copy; for
   * REMOVE_MARKER and REMOVE_REPLICA_MARKER the delete marker, as its bucket lists it; for DELETE
   * the target's current version; for ABSENT nothing but the key. Keys are the snapshot's: in the
   * target they follow `toPrefix`.
   */
  readonly entries: EntryBatch;
  /** A {@linkcode RestoreAction} for each row of `entries`. */
  readonly actions: Uint8Array;
  /**
   * For each row of `entries` that is a copy or a deletion, what it will replace: the ETag of the
   * key's current object in the target, without quotes; empty where there was none, and `*` where
   * the listing tells no ETag.
   */
  readonly seenETags: ByteColumn;
  /**
   * For each row of `entries` that is a copy or a deletion, when that object was last modified, in
   * milliseconds since 1970; `-Infinity` where there was none.
   */
  readonly seenTimes: Float64Array;
  /** The same for its size in bytes; -1 where there was none. */
  readonly seenSizes: Float64Array;
  /** Entries of the snapshot that this batch decided. */
  readonly objects: number;
  /** Of these, how many are already right. */
  readonly unchanged: number;
  /** Of these, how many come back by removing the delete markers on top of them. */
  readonly undeleted: number;
  /** Of all that will be right, how many have delete markers to be removed in the replica. */
  readonly undeletedInReplica: number;
  /** Keys of the target that the snapshot lacks and that stay. */
  readonly extra: number;
  /** Keys that were asked for by name and that the snapshot lacks. */
  readonly absent: number;
  /** Sum of the sizes of what is already right. */
  readonly bytesUnchanged: number;
  /** Sum of the sizes of what comes back by removing delete markers. */
  readonly bytesUndeleted: number;
  /** Sum of the sizes of the target's current objects that stay though the snapshot lacks them. */
  readonly bytesExtra: number;
}
