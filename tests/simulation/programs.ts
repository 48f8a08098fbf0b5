import assert from "node:assert/strict";
import { deleteSnapshots } from "../../lib/delete_snapshots.ts";
import { gc, type GcReport } from "../../lib/gc.ts";
import { BackupError, SnapshotError } from "../../lib/model/errors.ts";
import type { RetentionPolicy } from "../../lib/model/retention_policy.ts";
import { pinSnapshot, unpinSnapshot } from "../../lib/pin_snapshots.ts";
import { restore } from "../../lib/restore.ts";
import type { RestoreReport } from "../../lib/restore/restore_report.ts";
import { snapshot } from "../../lib/snapshot.ts";
import { unlock } from "../../lib/unlock.ts";
import { verify, type VerifyReport } from "../../lib/verify.ts";
import { CollectionRules, type CollectionTask } from "./collection_rules.ts";
import type { Call, Process } from "./process.ts";
import { RestoreRules, type RestoreTask } from "./restore_rules.ts";
import { type BackupSet, identityOf, targetOf, urlOf, type World } from "./world.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

/** A program with its arguments. */
export interface Program<Result = unknown> {
  readonly name: string;
  readonly run: (process: Process) => Promise<Result>;
  /** Before which calls it may stop, while nothing runs but a snapshot. Default: see Process. */
  readonly mayStop?: (call: Call) => boolean;
}

/** What is collected, and how. */
interface GcTask extends CollectionTask {
  readonly policy: RetentionPolicy;
  readonly dryRun: boolean;
  readonly lock: boolean;
}

/** The commands, as people run them: with whatever arguments come to their minds. */
export class Programs {
  /** Requests in flight, at most: with one, calls come in the order in which they are written. */
  concurrency = 1;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Any of them. */
  any(): Program {
    const { chance } = this.#world;
    return chance.weigh<() => Program>([
      [35, () => this.snapshot()],
      [25, () => this.gc()],
      [3, () => this.gc({ dryRun: true })],
      [5, () => this.gcWithoutLock()],
      [8, () => this.delete()],
      [20, () => this.restore()],
      [6, () => this.pin()],
      [3, () => this.unlock()],
      [2, () => this.verify()],
    ])();
  }

  /** One that makes or removes points, or says that one stays. */
  anyChange(): Program {
    return this.#world.chance.pick([
      () => this.snapshot(true),
      () => this.snapshot(true),
      () => this.snapshot(),
      () => this.gc(),
      () => this.delete(),
      () => this.pin(),
    ])();
  }

  /** Of now, or of some moment of the past. */
  snapshot(isPast = this.#world.chance.happens(0.3)): Program {
    const { chance } = this.#world;
    const set = chance.pick(this.#world.sets);
    const options = {
      ...(isPast && { at: this.#pastMoment() }),
      ...(chance.happens(0.1) && { label: "by hand" }),
      pin: chance.happens(0.05),
      compress: chance.happens(0.5),
      // Parts are small here: by themselves no patch would pay.
      ...(chance.happens(0.8) && { reuse: { minEntries: 1, maxShare: 1 } }),
    };
    return {
      name: "snapshot",
      run: async (process) => {
        const began = this.#world.serverNow();
        process.rules = {
          onSnapshot: ({ asOf }) => checkMoment(Date.parse(asOf), options.at, began, process),
        };
        return await snapshot({
          bucket: process.bucket(urlOf(set, set.replica), this.concurrency),
          store: process.store,
          ...options,
          allowEmpty: true,
          ...this.#given(),
        });
      },
    };
  }

  gc(given: Partial<GcTask> = {}): Program<GcReport> {
    const { chance } = this.#world;
    const { set = chance.pick(this.#world.sets), dryRun = false, lock = true } = given;
    const { policy = this.#anyPolicy() } = given;
    const unreferenced = "unreferenced" in given ? given.unreferenced : this.#anyAge();
    const source = set.source === undefined ? undefined : identityOf(set, set.source);
    return {
      name: dryRun ? "gc --dry-run" : "gc",
      run: async (process) => {
        if (!dryRun) {
          process.rules = new CollectionRules(this.#world, { set, policy, unreferenced }, process);
        }
        const bucket = process.bucket(urlOf(set, set.replica), this.concurrency);
        return await collect(
          process,
          false,
          (store) => gc({ store, bucket, source, policy, unreferenced, dryRun, lock }),
        );
      },
    };
  }

  /** For stores that cannot lock: people see to it that only snapshots run, before it deletes. */
  gcWithoutLock(): Program {
    const isMark = ({ operation, name }: Call) => operation === "put" && name.endsWith("/expired");
    return { ...this.gc({ lock: false }), name: "gc --no-lock", mayStop: isMark };
  }

  delete(): Program {
    const { chance } = this.#world;
    const set = chance.pick(this.#world.sets);
    const ids = this.#idsOf(chance.happens(0.1) ? chance.pick(this.#world.sets) : set, set.replica);
    const { damaged } = this.#world.ledger;
    const broken = ids.filter((id) => damaged.has(id));
    const liked = broken.length > 0 && chance.happens(0.5) ? broken : ids;
    const snapshots = liked.length === 0 || chance.happens(0.1) ? ["latest"] : [chance.pick(liked)];
    return {
      name: "delete",
      run: async (process) => {
        process.rules = new CollectionRules(this.#world, { set }, process);
        const bucket = process.bucket(urlOf(set, set.replica), this.concurrency);
        const isGivenUp = [...damaged.keys()].every((id) => snapshots.includes(id));
        return await collect(
          process,
          isGivenUp,
          (store) => deleteSnapshots({ store, bucket, snapshots }),
        );
      },
    };
  }

  /** A restore of any point, or one that undoes an earlier one. */
  restore(): Program {
    const { chance } = this.#world;
    const set = chance.pick(this.#world.sets);
    const ids = chance.happens(0.05) ? this.#expired() : [
      ...this.#idsOf(set, set.replica),
      ...this.#idsOf(set, targetOf(set)),
    ];
    if (ids.length === 0) return this.snapshot();
    return this.restoreOf({
      set,
      id: chance.pick(ids),
      prefixes: chance.happens(0.2) ? [chance.pick(["a", "x/"]), "x/1"] : [],
      delete: chance.happens(0.5),
      undelete: chance.pick([undefined, undefined, true, false]),
      safetySnapshot: chance.happens(0.8),
    });
  }

  /** The same again does what was left. */
  restoreOf(task: RestoreTask): Program {
    const { set, id, undelete, ...options } = task;
    return {
      name: "restore",
      run: async (process) => {
        const rules = new RestoreRules(this.#world, task, process);
        process.rules = rules;
        const report = await undamaged(
          process,
          restore({
            snapshot: id,
            store: process.store,
            replica: process.bucket(urlOf(set, set.replica), this.concurrency),
            target: process.bucket(urlOf(set, targetOf(set)), this.concurrency),
            ...options,
            // The points of a bucket that was empty are there to be restored, too.
            allowEmpty: true,
            ...(undelete !== undefined && { undelete }),
            ...this.#given(),
          }),
        );
        rules.check(report);
      },
    };
  }

  pin(): Program {
    const { chance } = this.#world;
    const set = chance.pick(this.#world.sets);
    const ids = this.#idsOf(set, set.replica);
    const pinned = ids.filter((id) => this.#world.ledger.names.has(`${id}/pinned`));
    if (ids.length === 0) return this.snapshot();
    const isUnpin = pinned.length > 0 && chance.happens(0.6);
    const id = chance.pick(isUnpin ? pinned : ids);
    const change = isUnpin ? unpinSnapshot : pinSnapshot;
    return {
      name: isUnpin ? "unpin" : "pin",
      run: (process) =>
        change({
          snapshot: id,
          store: process.store,
          bucket: process.bucket(urlOf(set, set.replica), 1),
        }),
    };
  }

  /** Reads everything, and changes nothing. */
  verify(set = this.#world.chance.pick(this.#world.sets)): Program<VerifyReport> {
    return {
      name: "verify",
      run: (process) =>
        verify({
          store: process.store,
          replica: process.bucket(urlOf(set, set.replica), this.concurrency),
          source: process.bucket(urlOf(set, targetOf(set)), this.concurrency),
        }),
    };
  }

  unlock(): Program {
    const [set] = this.#world.sets;
    return {
      name: "unlock",
      run: (process) =>
        unlock({ store: process.store, bucket: process.bucket(urlOf(set!, set!.replica), 1) }),
    };
  }

  #given() {
    return {
      random: this.#world.chance.random,
      delay: (ms: number) => Promise.resolve(this.#world.advance(ms)),
    };
  }

  /** The points of a set in one of its buckets that can be restored. */
  #idsOf({ prefix }: BackupSet, bucket: string): string[] {
    return this.#world.ledger.whole()
      .filter(([, { manifest }]) =>
        manifest.bucket.name === bucket &&
        (manifest.safetyFor !== undefined || (manifest.bucket.prefix ?? "") === prefix)
      )
      .filter(([, { manifest }]) => (manifest.bucket.prefix ?? "").startsWith(prefix))
      .map(([id]) => id);
  }

  /** Points whose removal was begun. */
  #expired(): string[] {
    const { names, points } = this.#world.ledger;
    return [...points.keys()].filter((id) =>
      names.has(`${id}/expired`) && names.has(`${id}/manifest.json`)
    );
  }

  /** Any, or one that a point shows, which may be about to go. */
  #pastMoment(): number {
    const { chance, ledger } = this.#world;
    const points = [...ledger.points].filter(([id]) => ledger.names.has(`${id}/manifest.json`));
    const now = this.#world.serverNow();
    if (points.length === 0 || chance.happens(0.4)) return now - chance.int(5 * DAY);
    return Math.min(Date.parse(chance.pick(points)[1].manifest.asOf), now);
  }

  /** Of what no point names, mostly none. In milliseconds. */
  #anyAge(): number | undefined {
    const { chance } = this.#world;
    return chance.happens(0.6) ? undefined : chance.pick([0, HOUR, DAY, 3 * DAY]);
  }

  #anyPolicy(): RetentionPolicy {
    const { chance } = this.#world;
    return chance.pick<RetentionPolicy>([
      { keepLast: 1 + chance.int(3) },
      { days: chance.int(3), minimumRedundancy: 1 + chance.int(3) },
      { keepDaily: 1 + chance.int(3), safetyDays: 0 },
      { keepWithin: (1 + chance.int(48)) * HOUR },
    ]);
  }
}

/** The moment that was asked for, or one between the beginning and what the clock showed since. */
function checkMoment(asOf: number, at: number | undefined, began: number, process: Process): void {
  if (at !== undefined) return assert.equal(asOf, at, "a snapshot of another moment");
  const last = Math.max(...process.dates) + SECOND;
  assert(asOf >= began && asOf < last, `${new Date(asOf)} is no moment of the server's clock`);
}

/** Where a point cannot be read, nothing must have been changed; given up, it stops nobody. */
async function collect(
  process: Process,
  isGivenUp: boolean,
  run: (store: Process["store"]) => Promise<GcReport>,
): Promise<GcReport> {
  try {
    return await run(process.store);
  } catch (error) {
    if (error instanceof SnapshotError && error.code === "CorruptSnapshot") {
      assert.equal(process.changes, 0, `${process.name} stopped half-way: ${error}`);
      assert(!isGivenUp || process.lastStop, `it was given up, and still: ${error}`);
    }
    throw error;
  }
}

/** A point that cannot be read is not restored half-way, unless it went while it was being read. */
async function undamaged(
  process: Process,
  restoring: Promise<RestoreReport>,
): Promise<RestoreReport> {
  try {
    return await restoring;
  } catch (error) {
    const isDamaged = error instanceof BackupError && error.code === "CorruptSnapshot";
    if (isDamaged && !process.lastStop) assert.equal(process.changes, 0, `half-way: ${error}`);
    throw error;
  }
}
