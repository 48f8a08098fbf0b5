/**
 * Histories of people and programs, decided by a seed. Every program is the real one, from the
 * library's call down to the requests; buckets and store are models in memory. Whatever a program
 * does is held against the books of the history as it happens, see ledger.ts, collection_rules.ts
 * and restore_rules.ts.
 */
import assert from "node:assert/strict";
import { DEFAULT_TTL, MAX_CLOCK_SKEW } from "../../lib/lock.ts";
import { BackupError, LockError, SnapshotError } from "../../lib/model/errors.ts";
import { checkReport, checkStore, checkUnreferenced, checkVersions } from "./final_checks.ts";
import { People } from "./people.ts";
import { type Fate, type Process, UNHARMED } from "./process.ts";
import { type Program, Programs } from "./programs.ts";
import { targetOf, World } from "./world.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const LEASE_OVER = DEFAULT_TTL + MAX_CLOCK_SKEW + 1;
/** About as many calls as a run makes at most; some come to their end before their fate. */
const MAX_CALLS = 60;
/** Calls of which most depends. */
const TELLING = ["ListObjectVersions", "DeleteObjects", "CopyObject", "put", "get"];
/** How many of one kind a run makes at most, about. */
const MAX_CALLS_OF_A_KIND = 4;
/** Calls between two stops of one process, at most. */
const MAX_CALLS_BETWEEN_STOPS = 20;
/** More than points are dated apart, and than safety snapshots are kept. */
const LONG_AFTER = 20 * DAY;
/** Programs one of which stands still while the next one runs, at most. */
const MAX_DEPTH = 3;

/** Steps of a history. */
export const STEPS = 30;

/** How often something came about, by what it is. */
export type Events = Record<string, number>;

/** How a history is run. */
export interface SimulationOptions {
  /** The numbers of the steps to take. Default: all of them. */
  readonly steps?: Iterable<number>;
  /** Told what happens, line by line. Default: nobody is. */
  readonly trace?: (line: string) => void;
}

/**
 * Run one history. The same seed gives the same one, on every machine.
 *
 * @throws {assert.AssertionError} naming the promise that was broken
 */
export async function simulate(
  seed: number,
  { steps = Array(STEPS).keys(), trace }: SimulationOptions = {},
): Promise<Events> {
  const simulation = new Simulation(seed);
  if (trace) simulation.world.trace = trace;
  using _ = simulation.world.machine.install();
  for (const step of steps) await simulation.step(step);
  await simulation.end();
  return simulation.events;
}

class Simulation {
  readonly world: World;
  readonly events: Events = {};
  readonly #people: People;
  readonly #programs: Programs;

  constructor(seed: number) {
    this.world = new World(seed);
    this.#people = new People(this.world);
    this.#programs = new Programs(this.world);
    this.world.onCall = () => {
      if (this.world.chance.happens(0.03)) this.#people.act();
    };
  }

  /** Something happens. */
  async step(number: number): Promise<void> {
    const { chance, ledger } = this.world;
    chance.begin(number);
    this.world.trace?.(`step ${number}`);
    ledger.seenCurrent.clear();
    await chance.weigh<() => Promise<void> | void>([
      [35, () => this.#peopleAct()],
      [60, () => this.#run(this.#programs.any())],
      [3, () => this.#people.breakOrMend()],
      [4, () => this.#jump()],
      [5, () => this.world.advance(chance.int(3 * DAY))],
    ])();
    this.world.advance(chance.int(chance.happens(0.3) ? SECOND : 2 * HOUR));
    await ledger.checkPoints();
  }

  /** The last collection comes to its end, and nothing is left that no point and nobody needs. */
  async end(): Promise<void> {
    const { world } = this;
    world.chance.begin(STEPS);
    world.ledger.seenCurrent.clear();
    world.onCall = () => {};
    world.isFast = true;
    world.skew = 0;
    this.#people.release();
    await this.#people.mend();
    world.advance(LONG_AFTER);
    await this.#collectAll(undefined);
    await checkStore(world);
    checkVersions(world);
    await this.#collectAll(0);
    // Delete markers of which the last version went are seen to be alone by the next run.
    await this.#collectAll(0);
    checkUnreferenced(world);
    await checkStore(world);
    for (const set of world.sets) {
      checkReport(world, await this.#runWhole(this.#programs.verify(set)));
    }
    await world.ledger.checkPoints();
    await this.#restoreAll();
  }

  /** Of every set, and no more and no less than was said before. */
  async #collectAll(unreferenced: number | undefined): Promise<void> {
    const policy = { keepLast: 1, safetyDays: 1 };
    for (const set of this.world.sets) {
      const task = { set, policy, unreferenced };
      const plan = await this.#runWhole(this.#programs.gc({ ...task, dryRun: true }));
      const report = await this.#runWhole(this.#programs.gc(task));
      assert.deepEqual(report.failed, []);
      for (const name of ["expired", "kept", "versionsDeleted", "bytesFreed"] as const) {
        assert.deepEqual(report[name], plan[name], `the dry run told otherwise of ${name}`);
      }
    }
  }

  #peopleAct(): void {
    for (let i = this.world.chance.int(6); i >= 0; i--) this.#people.act();
  }

  /** The server's clock, and this machine's, are set to another time, or right again. */
  #jump(): void {
    const { chance, machine } = this.world;
    const jump = () => chance.int(2 * DAY) - DAY;
    machine.skew = jump();
    this.world.skew = chance.pick([0, 0, chance.int(10 * SECOND) - 5 * SECOND, jump()]);
    this.#count("clocks set");
  }

  async #run(program: Program): Promise<void> {
    await this.#runOrStop(program, 1);
    this.world.advance(this.world.chance.happens(0.2) ? SECOND : LEASE_OVER);
  }

  /** Run a program that may be killed, or that stops while others take its place. */
  async #runOrStop(
    program: Program,
    depth: number,
    fate = this.#anyFate(program, depth),
  ): Promise<void> {
    const { chance, ledger } = this.world;
    this.#programs.concurrency = fate.kind === "stops" ? 1 : 1 + chance.int(3);
    const process = this.world.begin(program.name, fate);
    if (program.mayStop) process.mayStop = program.mayStop;
    const run = this.#observe(program, process);
    while (await Promise.race([run.then(() => false), process.stopped.then(() => true)])) {
      await this.#duringStop(program, process, depth);
    }
    await ledger.checkPoints();
    if (program.name !== "restore" || !process.isDead || chance.happens(0.5)) return;
    this.world.advance(LEASE_OVER);
    await this.#observe(program, this.world.begin(program.name, UNHARMED));
    this.#count("restored again");
  }

  async #duringStop(program: Program, process: Process, depth: number): Promise<void> {
    const { chance } = this.world;
    const length = chance.weigh([[70, LEASE_OVER], [15, SECOND], [15, chance.int(4 * DAY)]]);
    this.world.advance(length);
    // A process that is stopped finds its timers overdue; a machine that is suspended does not.
    if (chance.happens(0.6)) process.suspended += length;
    if (program.mayStop) await this.#runOrStop(this.#programs.snapshot(true), depth, UNHARMED);
    else {
      if (chance.happens(0.1)) await this.#runOrStop(this.#programs.unlock(), depth, UNHARMED);
      await this.#runOrStop(this.#programs.anyChange(), depth + 1);
    }
    this.#count("stopped");
    const at = 1 + chance.int(MAX_CALLS_BETWEEN_STOPS);
    process.resume(chance.happens(0.3) ? { at, kind: "stops" } : UNHARMED);
  }

  #anyFate({ mayStop }: Program, depth: number): Fate {
    const { chance } = this.world;
    if (mayStop && chance.happens(0.7)) return { at: 1, kind: "stops" };
    if (depth >= MAX_DEPTH) return UNHARMED;
    const kind = chance.weigh<Fate["kind"]>([
      [3, "dies before"],
      [3, "dies after"],
      [1, "fails before"],
      [1, "fails after"],
      [5, "stops"],
    ]);
    if (chance.happens(0.5)) return { at: 1 + chance.int(MAX_CALLS), kind };
    return { at: 1 + chance.int(MAX_CALLS_OF_A_KIND), kind, of: chance.pick(TELLING) };
  }

  /** Run a program, and let it end as it may. */
  async #observe(program: Program, process: Process): Promise<void> {
    const isDamaged = this.world.ledger.damaged.size > 0;
    try {
      await this.world.machine.run(process, () => program.run(process));
      this.#count(program.name);
    } catch (error) {
      if (this.world.broken) throw this.world.broken;
      this.#checkUnknown(error);
      if (process.isDead) this.#count("killed");
      else if (isExpected(error, process, isDamaged)) this.#count(outcomeOf(program, error));
      else throw error;
    }
    if (this.world.broken) throw this.world.broken;
  }

  /** A point is unknown only when it is gone, or going. */
  #checkUnknown(error: unknown): void {
    if (!(error instanceof SnapshotError) || error.code !== "UnknownSnapshot") return;
    const [text] = error.message.split("; near are ");
    for (const [id] of this.world.ledger.whole()) {
      assert(!text!.includes(id), `${id} is there, and still: ${text}`);
    }
  }

  async #runWhole<Result>(program: Program<Result>): Promise<Result> {
    this.#programs.concurrency = 1 + this.world.chance.int(3);
    const process = this.world.begin(program.name, UNHARMED);
    return await this.world.machine.run(process, () => program.run(process));
  }

  /** Every point that is left brings back what it shows. */
  async #restoreAll(): Promise<void> {
    const options = { prefixes: [], delete: true, undelete: undefined, safetySnapshot: false };
    for (const [id, { manifest: { bucket } }] of this.world.ledger.whole()) {
      const set = this.world.sets.find((each) =>
        [each.replica, targetOf(each)].includes(bucket.name) &&
        (bucket.prefix ?? "").startsWith(each.prefix)
      )!;
      await this.#runWhole(this.#programs.restoreOf({ set, id, ...options }));
    }
  }

  #count(event: string): void {
    this.events[event] = (this.events[event] ?? 0) + 1;
  }
}

/** Whether a program may end so: its answer to what others did, or to what befell it. */
function isExpected(
  error: unknown,
  process: Process,
  isDamaged: boolean,
): error is BackupError {
  if (!(error instanceof BackupError)) return false;
  if (error instanceof LockError || process.hasFailed) return true;
  switch (error.code) {
    // Somebody else deleted it first.
    case "UnknownSnapshot":
    case "ExpiredSnapshot":
      return true;
    // Or while it was being read.
    case "CorruptSnapshot":
      return isDamaged || process.lastStop !== undefined;
    // The server's clock was set back; somebody pinned it; the point is of another set.
    case "InvalidInput":
      return /no snapshot can show|is pinned|, not of|cannot restore keys that begin/
        .test(error.message);
    default:
      return false;
  }
}

function outcomeOf({ name }: Program, error: BackupError): string {
  return error instanceof LockError ? error.code : `${name}: ${error.code}`;
}
