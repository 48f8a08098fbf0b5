import assert from "node:assert/strict";
import type { RestoreReport } from "../../lib/restore/restore_report.ts";
import type { Recorded } from "./ledger.ts";
import type { Deletion, ModelBucket, ModelVersion } from "./model_bucket.ts";
import type { Process, Rules } from "./process.ts";
import { type BackupSet, targetOf, type World } from "./world.ts";

/** What is restored, and how. */
export interface RestoreTask {
  readonly set: BackupSet;
  readonly id: string;
  readonly prefixes: readonly string[];
  /** Whether what the snapshot lacks is deleted. */
  readonly delete: boolean;
  /** Whether delete markers are removed; undefined: where the bucket is its own replica. */
  readonly undelete: boolean | undefined;
  readonly safetySnapshot: boolean;
}

/** What a restore promises: about each change as it happens, and about the whole when it is done. */
export class RestoreRules implements Rules {
  readonly #world: World;
  readonly #task: RestoreTask;
  readonly #process: Process;
  readonly #point: Recorded;
  readonly #target: ModelBucket;
  readonly #firstTouch: number;
  /** What the target held when it began. */
  readonly #before: ReadonlyMap<string, ModelVersion>;
  #isUndoable = false;

  constructor(world: World, task: RestoreTask, process: Process) {
    this.#world = world;
    this.#task = task;
    this.#process = process;
    this.#point = world.ledger.points.get(task.id)!;
    this.#target = world.bucket(targetOf(task.set));
    this.#firstTouch = world.touches.length;
    this.#before = new Map(
      this.#target.keys().flatMap((key) => {
        const version = this.#target.current(key);
        return version ? [[key, version]] : [];
      }),
    );
  }

  /** No object goes for good; delete markers do, where that was asked for, or in one bucket. */
  readonly onDelete = (bucket: ModelBucket, { key, version }: Deletion): void => {
    assert(version!.isDeleteMarker, `a restore deleted a version of ${key}`);
    const { set, undelete = this.#point.manifest.bucket.name === bucket.identity.name } =
      this.#task;
    assert(undelete, `a restore removed a delete marker of ${key}`);
    const isItsReplica = bucket.identity.name === set.replica && this.#task.undelete === true;
    assert(bucket === this.#target || isItsReplica, `a restore changed ${bucket.identity.name}`);
    this.#checkUndoable();
  };

  /** Nothing is changed but the target, and not what nobody has seen. */
  readonly onWrite = (bucket: ModelBucket, key: string): void => {
    assert.equal(bucket, this.#target, `a restore changed ${bucket.identity.name}`);
    const etag = bucket.current(key)?.etag;
    const isSeen = etag === undefined || this.#process.hasSeen(bucket.identity.name, key, etag);
    assert(isSeen || !this.#world.hasConditions, `a restore overwrote ${key}, which is new`);
    this.#checkUndoable();
  };

  /** Before the first change there is a way back. */
  #checkUndoable(): void {
    if (this.#process.changes === 0) this.#checkFirstChange();
    if (!this.#task.safetySnapshot || this.#isUndoable) return;
    const made = [...this.#world.ledger.points.values()].some(({ author, manifest }) =>
      author === this.#process && manifest.safetyFor === this.#task.id
    );
    assert(made, `the restore of ${this.#task.id} changed something that it cannot undo`);
    this.#isUndoable = true;
  }

  /** What has begun to go is not restored, unless that began right before the first change. */
  #checkFirstChange(): void {
    const { operation = "" } = this.#process.lastStop ?? {};
    if (["HeadObject", "CopyObject", "DeleteObjects"].includes(operation)) return;
    assert(this.#world.ledger.isWhole(this.#task.id), `${this.#task.id} was restored, and expired`);
  }

  /** Once it is done: every key that nobody else changed is as the snapshot says. */
  check(report: RestoreReport): void {
    const { set, id, prefixes } = this.#task;
    const touched = this.#touchedByOthers();
    const failed = new Set(report.failed.map(({ key }) => key));
    for (const key of failed) if (!touched.has(key)) this.#checkFailure(key);
    const wanted = new Map(this.#point.entries.map((entry) => [entry.key, entry]));
    for (const key of new Set([...wanted.keys(), ...this.#target.keys()])) {
      if (touched.has(key) || failed.has(key)) continue;
      const now = this.#target.current(key);
      const isInScope = key.startsWith(set.prefix) &&
        key.startsWith(this.#point.manifest.bucket.prefix ?? "") &&
        (prefixes.length === 0 || prefixes.some((prefix) => key.startsWith(prefix)));
      const entry = wanted.get(key);
      if (!isInScope || !entry && !this.#task.delete) {
        assert.equal(now, this.#before.get(key), `the restore of ${id} changed ${key}`);
      } else {
        const text = `the restore of ${id} left ${key} as ${now?.etag}, not ${entry?.etag}`;
        assert.equal(now?.etag, entry?.etag, text);
        assert.equal(now?.size, entry?.size, text);
      }
    }
  }

  /** What cannot be brought back is gone, and gc took it only once the point had to go. */
  #checkFailure(key: string): void {
    const { manifest, entries } = this.#point;
    const entry = entries.find((each) => each.key === key);
    if (!entry || this.#process.hasFailed) return;
    const bucket = this.#world.bucket(manifest.bucket.name);
    assert(!this.#world.ledger.isThere(bucket, entry), `${key} was not restored`);
  }

  #touchedByOthers(): Set<string> {
    const name = this.#target.identity.name;
    const touches = this.#world.touches.slice(this.#firstTouch);
    const others = touches.filter(({ bucket, by }) => bucket === name && by !== this.#process);
    return new Set(others.map(({ key }) => key));
  }
}
