import { ColumnBuilder } from "../model/column_builder.ts";
import { DELETE_MARKER, type EntryBatch } from "../model/entry_batch.ts";
import { EntryBatchBuilder } from "../model/entry_batch_builder.ts";
import { compareAt } from "../model/key_order.ts";
import { hasETag, hasSameContent, isNullVersion } from "../same_content.ts";
import { isArchivedClass } from "./archives.ts";
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
} from "./restore_batch.ts";

/** What decides between the ways back. */
export interface PlanRules {
  /** Whether keys of the target that the snapshot lacks are deleted. */
  readonly delete: boolean;
  /** Whether the target is the bucket, key for key, that holds the snapshot's versions. */
  readonly inPlace: boolean;
  /** Whether delete markers on top of what is wanted are removed from the target. */
  readonly undelete: boolean;
}

interface Row {
  readonly batch: EntryBatch;
  readonly row: number;
}

/** How a key of the snapshot stands in the target, as far as its versions were seen. */
type Standing = "absent" | "deleted" | "recoverable" | "right" | "other";

/**
 * Collects a plan, key by key. For each entry of the snapshot, first every version of its key in
 * the target goes to {@linkcode see}, newest first, and where delete markers are removed in a
 * replica, too, every version there to {@linkcode seeReplica}; then {@linkcode decide} says what to
 * do.
 */
export class PlanDraft {
  readonly #rules: PlanRules;
  readonly #hasReplica: boolean;
  readonly #entries = new EntryBatchBuilder();
  readonly #actions: RestoreAction[] = [];
  readonly #seenETags = new ColumnBuilder(1024);
  readonly #seenTimes: number[] = [];
  readonly #seenSizes: number[] = [];
  #objects = 0;
  #unchanged = 0;
  #undeleted = 0;
  #undeletedInReplica = 0;
  #extra = 0;
  #absent = 0;
  #bytesUnchanged = 0;
  #bytesUndeleted = 0;
  #bytesExtra = 0;

  #standing: Standing = "absent";
  /** Delete markers on top of the versions seen of this key. */
  readonly #markers: Row[] = [];
  /** Whether the replica can be made to show what is wanted; undefined until its object is seen. */
  #replicaStanding: "right" | "other" | undefined;
  /** Delete markers on top of it. */
  readonly #replicaMarkers: Row[] = [];
  #own: Row | undefined;
  /** The current version of this key, if that is no delete marker. */
  #current: Row | undefined;
  #lastSurplus: Row | undefined;

  /**
   * An empty draft. With a replica, delete markers are removed there, too: there first, so that a
   * run that is cut off in between is noticed and finished by the next one; and in the target only
   * if both then show the same.
   */
  constructor(rules: PlanRules, { hasReplica = false }: { readonly hasReplica?: boolean } = {}) {
    this.#rules = rules;
    this.#hasReplica = hasReplica;
  }

  /** Keys decided and things to do since the last batch was taken. */
  get length(): number {
    return this.#objects + this.#extra + this.#absent + this.#entries.length;
  }

  /**
   * The next version, in the target, of the key of an entry of the snapshot. A delete marker called
   * `null` stays where it is: whoever writes while versioning is suspended puts an object in its
   * place, under the same id, which removing the marker would delete for good.
   */
  see(snapshot: EntryBatch, entry: number, target: EntryBatch, version: number): void {
    const isMarker = (target.flags[version]! & DELETE_MARKER) !== 0;
    const isOnTop = this.#standing === "absent" || this.#standing === "deleted";
    if (isMarker) {
      if (!isOnTop) return;
      this.#standing = "deleted";
      this.#markers.push({ batch: target, row: version });
      return;
    }
    if (this.#standing === "absent") this.#current = { batch: target, row: version };
    const isSame = this.#isSameVersion(snapshot, entry, target, version);
    if (isOnTop) {
      const isRight = isSame || hasSameContent(snapshot, entry, target, version);
      this.#standing = !isRight ? "other" : this.#standing === "absent" ? "right" : this.#below();
    }
    if (isSame) this.#own ??= { batch: target, row: version };
  }

  /** How a key stands that has what is wanted below delete markers. */
  #below(): Standing {
    return this.#rules.undelete && !this.#markers.some(isNull) ? "recoverable" : "other";
  }

  /**
   * Replication keeps version ids, so the very version can be told in another bucket too; there its
   * content must agree, since nothing says that servers never give an id twice. `null` is no
   * identity: it is written over where versioning is suspended.
   */
  #isSameVersion(a: EntryBatch, i: number, b: EntryBatch, j: number): boolean {
    if (compareAt(a.versionIds, i, b.versionIds, j) !== 0) return false;
    if (hasSameContent(a, i, b, j)) return true;
    return this.#rules.inPlace && a.sizes[i] === b.sizes[j] && !isNullVersion(a, i);
  }

  /** The next version, in the replica, of the key of an entry of the snapshot. */
  seeReplica(snapshot: EntryBatch, entry: number, replica: EntryBatch, version: number): void {
    if (this.#replicaStanding === "right" || this.#replicaStanding === "other") return;
    if ((replica.flags[version]! & DELETE_MARKER) !== 0) {
      this.#replicaMarkers.push({ batch: replica, row: version });
      return;
    }
    const isRight = !this.#replicaMarkers.some(isNull) &&
      isSameVersionOfOneBucket(snapshot, entry, replica, version);
    this.#replicaStanding = isRight ? "right" : "other";
  }

  /** All versions of the entry's key were seen: choose the cheapest safe way. */
  decide(snapshot: EntryBatch, entry: number): void {
    this.#objects++;
    const isUndeleted = this.#standing === "recoverable" && this.#isRightInReplica();
    if (this.#standing === "right" || isUndeleted) this.#undeleteInReplica();
    if (this.#standing === "right") {
      this.#unchanged++;
      this.#bytesUnchanged += snapshot.sizes[entry]!;
    } else if (isUndeleted) this.#undelete(snapshot.sizes[entry]!);
    else this.#copy(snapshot, entry);
    this.#forgetKey();
  }

  /** Whether the replica, if there is one, would show what is wanted without its delete markers. */
  #isRightInReplica(): boolean {
    return !this.#hasReplica || this.#replicaStanding === "right";
  }

  /**
   * For each key that comes to be right: else the next run would find it so, and do this then.
   * Before {@linkcode #undelete}, for the reason that the constructor gives.
   */
  #undeleteInReplica(): void {
    if (this.#replicaStanding !== "right" || this.#replicaMarkers.length === 0) return;
    this.#undeletedInReplica++;
    this.#addAll(this.#replicaMarkers, REMOVE_REPLICA_MARKER);
  }

  #undelete(size: number): void {
    this.#undeleted++;
    this.#bytesUndeleted += size;
    this.#addAll(this.#markers, REMOVE_MARKER);
  }

  #addAll(markers: readonly Row[], action: RestoreAction): void {
    for (const { batch, row } of markers) this.#add(batch, row, action);
  }

  #forgetKey(): void {
    this.#standing = "absent";
    this.#replicaStanding = undefined;
    this.#own = undefined;
    this.#current = undefined;
    this.#markers.length = 0;
    this.#replicaMarkers.length = 0;
  }

  #copy(snapshot: EntryBatch, entry: number): void {
    const own = this.#own, seen = this.#current;
    const isOwn = own !== undefined && !isArchived(own.batch, own.row);
    if (!own && this.#rules.inPlace) return this.#add(snapshot, entry, MISSING);
    if (!isOwn && isArchived(snapshot, entry)) {
      return this.#add(snapshot, entry, COPY_ARCHIVED, seen);
    }
    this.#undeleteInReplica();
    if (isOwn) this.#add(own.batch, own.row, COPY_OWN, seen);
    else this.#add(snapshot, entry, COPY, seen);
  }

  /** The next version, in the target, of a key that the snapshot lacks; the newest one decides. */
  surplus(target: EntryBatch, version: number): void {
    const last = this.#lastSurplus;
    this.#lastSurplus = { batch: target, row: version };
    if (last && compareAt(last.batch.keys, last.row, target.keys, version) === 0) return;
    if ((target.flags[version]! & DELETE_MARKER) !== 0) return;
    if (this.#rules.delete) this.#add(target, version, DELETE, { batch: target, row: version });
    else {
      this.#extra++;
      this.#bytesExtra += target.sizes[version]!;
    }
  }

  /** A key that was asked for by name, and that the snapshot lacks. */
  absent(named: EntryBatch, row: number): void {
    this.#absent++;
    // To delete it, if it is there, is what was asked for.
    if (!this.#rules.delete) this.#add(named, row, ABSENT);
  }

  #add(from: EntryBatch, row: number, action: RestoreAction, seen?: Row): void {
    this.#entries.appendFrom(from, row);
    this.#actions.push(action);
    this.#seenSizes.push(seen ? seen.batch.sizes[seen.row]! : -1);
    this.#seenTimes.push(seen ? seen.batch.lastModified[seen.row]! : -Infinity);
    if (!seen) this.#seenETags.appendText("");
    else if (hasETag(seen.batch, seen.row)) this.#seenETags.appendFrom(seen.batch.etags, seen.row);
    else this.#seenETags.appendText("*");
  }

  /** What was collected; the draft starts afresh. */
  take(): RestoreBatch {
    const batch = {
      seenETags: this.#seenETags.take(this.#entries.length),
      seenTimes: Float64Array.from(this.#seenTimes),
      seenSizes: Float64Array.from(this.#seenSizes),
      entries: this.#entries.take(),
      actions: Uint8Array.from(this.#actions),
      objects: this.#objects,
      unchanged: this.#unchanged,
      undeleted: this.#undeleted,
      undeletedInReplica: this.#undeletedInReplica,
      extra: this.#extra,
      absent: this.#absent,
      bytesUnchanged: this.#bytesUnchanged,
      bytesUndeleted: this.#bytesUndeleted,
      bytesExtra: this.#bytesExtra,
    };
    this.#actions.length = this.#seenTimes.length = this.#seenSizes.length = 0;
    this.#objects =
      this.#unchanged =
      this.#undeleted =
      this.#undeletedInReplica =
      this.#extra =
      this.#absent =
      this.#bytesUnchanged =
      this.#bytesUndeleted =
      this.#bytesExtra =
        0;
    return batch;
  }
}

/** As `#isSameVersion` has it for the bucket that the snapshot is of, or the same content. */
function isSameVersionOfOneBucket(a: EntryBatch, i: number, b: EntryBatch, j: number): boolean {
  if (hasSameContent(a, i, b, j)) return true;
  return a.sizes[i] === b.sizes[j] && !isNullVersion(a, i) &&
    compareAt(a.versionIds, i, b.versionIds, j) === 0;
}

function isNull({ batch, row }: Row): boolean {
  return isNullVersion(batch, row);
}

function isArchived(batch: EntryBatch, row: number): boolean {
  return isArchivedClass(batch.storageClassNames[batch.storageClasses[row]!]!);
}
