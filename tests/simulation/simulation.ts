/**
 * A bucket's life, simulated: people write and delete, snapshots are taken, points expire or are
 * deleted, programs are killed or stopped at any call, and clocks jump. After every step the
 * promises hold that lib/gc.ts makes. What happens depends on the seed alone.
 */
import assert from "node:assert/strict";
import { openMemoryStore } from "../../backends/memory.ts";
import { deletePoints } from "../../lib/delete_snapshots.ts";
import { collectByPolicy } from "../../lib/gc.ts";
import { readEntries, readManifest } from "../../lib/index/snapshot_reader.ts";
import { SnapshotWriter } from "../../lib/index/snapshot_writer.ts";
import { acquireLock, DEFAULT_TTL, MAX_CLOCK_SKEW } from "../../lib/lock.ts";
import type { Entry } from "../../lib/model/entry.ts";
import { entryAt } from "../../lib/model/entry_batch.ts";
import { LockError, SnapshotError } from "../../lib/model/errors.ts";
import type { RetentionPolicy } from "../../lib/model/retention_policy.ts";
import { makeSnapshotId } from "../../lib/model/snapshot_id.ts";
import type { SnapshotStore } from "../../lib/model/store.ts";
import { selectCurrent } from "../../lib/select_current.ts";
import { entriesOf } from "../entry_batches.ts";
import { FakeTime } from "../fake_time.ts";
import { hookStore } from "../hooked_store.ts";
import { seededRandom } from "../seed.ts";
import { type Deletion, ModelBucket } from "./model_bucket.ts";
import { type Fate, Killed, Process } from "./process.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LEASE_OVER = DEFAULT_TTL + MAX_CLOCK_SKEW + 1;
const KEYS = ["a", "a/b", "b", "é", "\uff5e", "\u{1f600}", "x/1", "x/2"];
/** About as many calls as a run makes at most; some come to their end before their fate. */
const MAX_CALLS = 70;

/** What came about in a run, so that a test can tell that it was no idle one. */
export interface Events {
  snapshots: number;
  collections: number;
  deletions: number;
  killed: number;
  lost: number;
  refused: number;
}

/** Run one history. @throws {assert.AssertionError} naming the promise that was broken */
export async function simulate(seed: number, steps: number): Promise<Events> {
  const simulation = new Simulation(seed);
  for (let step = 0; step < steps; step++) await simulation.step();
  await simulation.end();
  return simulation.events;
}

class Simulation {
  readonly events: Events = {
    snapshots: 0,
    collections: 0,
    deletions: 0,
    killed: 0,
    lost: 0,
    refused: 0,
  };
  readonly #random: () => number;
  /** Whether people leave the bucket alone. */
  #isQuiet = false;
  readonly #time = new FakeTime(Date.UTC(2026, 0, 1));
  readonly #bucket = new ModelBucket(this.#time);
  readonly #store: SnapshotStore;
  /** What the store holds. */
  readonly #names = new Set<string>();
  /** What each snapshot was meant to hold. */
  readonly #truth = new Map<string, Entry[]>();
  /** Snapshots whose manifest was there at some time. */
  readonly #existed = new Set<string>();
  /** Versions that people, not programs, took from a point. */
  readonly #lostByPeople = new Set<string>();
  /** Whether a version was current when a listing showed it last. */
  readonly #lastLook = new Map<string, boolean>();
  /** Versions that some listing of this step showed to be current. */
  readonly #seenCurrent = new Set<string>();
  /** Versions that were current when a point that named them went: nobody's from then on. */
  readonly #spared = new Set<string>();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#bucket.onListed = (version) => {
      this.#lastLook.set(idOf(version), version.isLatest);
      if (version.isLatest) this.#seenCurrent.add(idOf(version));
    };
    this.#bucket.onDelete = (deletion) => this.#checkDeletion(deletion);
    this.#store = hookStore(openMemoryStore(), {
      after: ({ operation, name }) => {
        if (operation === "put") this.#remember(name);
        if (operation === "delete") this.#forget(name);
      },
    });
  }

  async step(): Promise<void> {
    this.#seenCurrent.clear();
    const chance = this.#random();
    if (chance < 0.4) { for (let i = this.#int(6); i >= 0; i--) this.#people(); }
    else if (chance < 0.65) await this.#runOrStop(this.#snapshot(this.#pickMoment()));
    else if (chance < 0.85) await this.#runOrStop(this.#gc(this.#pickPolicy()));
    else if (chance < 0.93) await this.#runOrStop(this.#delete(this.#pickPoint()));
    else if (chance < 0.96) await this.#togglePin();
    else await this.#time.advance(this.#int(3 * DAY));
    await this.#time.advance(this.#int(this.#random() < 0.3 ? 1000 : 2 * HOUR));
    await this.#checkPoints();
  }

  /** The last collection comes to its end, and nothing is left that no point and nobody needs. */
  async end(): Promise<void> {
    this.#seenCurrent.clear();
    this.#isQuiet = true;
    for (const version of this.#bucket.versions()) {
      const found = this.#bucket.find(version.key, version.versionId);
      if (found) found.locked = false;
    }
    await this.#time.advance(3 * DAY);
    const report = await this.#collect(this.#process({ at: Infinity, kind: "stops" }), {
      keepLast: 1,
      safetyDays: 1,
    });
    assert.deepEqual(report.failed, []);
    await this.#checkPoints();
    await this.#checkStore();
    this.#checkLeftovers();
  }

  // What people do.

  #people(): void {
    const key = this.#pick(KEYS);
    const chance = this.#random();
    this.#bucket.dateSkew = this.#random() < 0.1 ? this.#int(600) - 300 : 0;
    if (chance < 0.5) this.#put(key, false);
    else if (chance < 0.55) this.#put(key, true);
    else if (chance < 0.75) this.#bucket.remove(key);
    else if (chance < 0.9) this.#bucket.undelete(key);
    else this.#touchVersion(this.#random() < 0.5);
  }

  #put(key: string, suspended: boolean): void {
    if (suspended) this.#lostByPeople.add(idOf({ key, versionId: "null" }));
    this.#bucket.put(key, 1 + this.#int(9), { suspended });
  }

  /** Take a version for good, or hold it or let it go. */
  #touchVersion(take: boolean): void {
    const versions = this.#bucket.versions().filter((each) => !each.isDeleteMarker);
    if (versions.length === 0) return;
    const { key, versionId } = this.#pick(versions);
    const found = this.#bucket.find(key, versionId)!;
    if (!take) found.locked = !found.locked;
    else {
      this.#lostByPeople.add(idOf(found));
      this.#bucket.take(key, versionId);
    }
  }

  // What programs do.

  #process(fate: Fate): Process {
    this.#bucket.concurrency = fate.kind === "stops" ? 1 : 1 + this.#int(3);
    this.#bucket.pageLength = 1 + this.#int(5);
    return new Process(this.#store, this.#bucket, fate, () => {
      if (!this.#isQuiet && this.#random() < 0.03) this.#people();
    });
  }

  /** Run a program that may be killed, or that stops while another one takes its place. */
  async #runOrStop(program: (process: Process) => Promise<unknown>): Promise<void> {
    const kind = this.#pick(["dies before", "dies after", "stops"] as const);
    const process = this.#process({ at: 1 + this.#int(MAX_CALLS), kind });
    const run = this.#observe(program(process));
    const isStopped = await Promise.race([run.then(() => false), process.stopped.then(() => true)]);
    if (isStopped) {
      await this.#time.advance(this.#random() < 0.8 ? LEASE_OVER : 1000);
      const other = this.#pick([
        this.#snapshot(this.#time.current - this.#int(3 * DAY)),
        this.#snapshot(this.#time.current - this.#int(3 * DAY)),
        this.#gc(this.#pickPolicy()),
        this.#delete(this.#pickPoint()),
      ]);
      await this.#observe(other(this.#process({ at: Infinity, kind: "stops" })));
      await this.#checkPoints();
      process.resume();
      await run;
    }
    await this.#time.advance(this.#random() < 0.2 ? 1000 : LEASE_OVER);
  }

  async #observe(run: Promise<unknown>): Promise<void> {
    try {
      await run;
    } catch (error) {
      if (error instanceof Killed) this.events.killed++;
      else if (error instanceof LockError && error.code === "LockLost") this.events.lost++;
      else if (error instanceof LockError) this.events.refused++;
      // Somebody else deleted it first.
      else if (!(error instanceof SnapshotError && error.code === "UnknownSnapshot")) throw error;
    }
  }

  #snapshot(asOf: number): (process: Process) => Promise<void> {
    const safety = this.#random() < 0.1 ? { safetyFor: "20251231T000000Z-0000" } : {};
    return async ({ store, replica }) => {
      await using lock = await acquireLock(store, { purpose: "snapshot", now: replica.now });
      const id = makeSnapshotId(asOf, this.#random);
      const writer = new SnapshotWriter(store, id);
      const entries: Entry[] = [];
      try {
        for await (const batch of selectCurrent(replica.listVersions(""), asOf)) {
          for (let row = 0; row < batch.length; row++) entries.push(entryAt(batch, row));
          await writer.write(batch);
        }
        await lock.assertHeld();
        this.#truth.set(id, entries);
        const time = new Date(asOf).toISOString();
        await writer.finish({
          createdAt: time,
          asOf: time,
          bucket: { name: "replica" },
          ...safety,
        });
        this.events.snapshots++;
      } catch (error) {
        await Promise.allSettled([writer.abort()]);
        throw error;
      }
    };
  }

  #gc(policy: RetentionPolicy): (process: Process) => Promise<void> {
    return async (process) => {
      await this.#collect(process, policy);
    };
  }

  async #collect({ store, replica }: Process, policy: RetentionPolicy) {
    const report = await collectByPolicy(store, replica, policy, {});
    this.events.collections++;
    return report;
  }

  #delete(id: string | undefined): (process: Process) => Promise<void> {
    return async ({ store, replica }) => {
      if (id === undefined) return;
      await deletePoints(store, replica, [id], {});
      this.events.deletions++;
    };
  }

  async #togglePin(): Promise<void> {
    const id = this.#pickPoint();
    if (id === undefined) return;
    const name = `${id}/pinned`;
    if (this.#names.has(name)) await this.#store.delete(name);
    else await this.#store.put(name, new Blob([]).stream());
  }

  // What must be true.

  #isWhole(id: string): boolean {
    return this.#names.has(`${id}/manifest.json`) && !this.#names.has(`${id}/expired`);
  }

  #remember(name: string): void {
    this.#names.add(name);
    if (name.endsWith("/manifest.json")) this.#existed.add(name.slice(0, name.indexOf("/")));
  }

  #forget(name: string): void {
    this.#names.delete(name);
    if (!name.endsWith("/manifest.json")) return;
    for (const entry of this.#truth.get(name.slice(0, name.indexOf("/"))) ?? []) {
      if (this.#seenCurrent.has(idOf(entry))) this.#spared.add(idOf(entry));
    }
  }

  #checkDeletion({ key, versionId, version, isCurrent }: Deletion): void {
    if (!version) return;
    const id = idOf(version), text = `${key} ${versionId}`;
    const look = this.#lastLook.get(id);
    // Nor can a `null` version that another replaces in that moment, which needs a bucket whose
    // versioning was suspended meanwhile.
    if (look === undefined && versionId === "null") return;
    assert.notEqual(look, undefined, `${text} was deleted without a look`);
    // What becomes current between the look and the request cannot be told.
    assert(!isCurrent || look === false, `${text} was deleted though it was seen to be current`);
    let isExpired = false;
    for (const [point, entries] of this.#truth) {
      if (!entries.some((entry) => isSame(entry, version))) continue;
      if (this.#names.has(`${point}/expired`)) isExpired = true;
      assert(!this.#isWhole(point), `${text} was deleted though ${point} needs it`);
    }
    assert(isExpired, `${text} was deleted though no point that is marked names it`);
  }

  /** Every point that is not marked can be read, and all that it names is there. */
  async #checkPoints(): Promise<void> {
    for (const [id, truth] of this.#truth) {
      if (!this.#isWhole(id)) continue;
      const manifest = await readManifest(this.#store, id);
      assert.deepEqual(await entriesOf(readEntries(this.#store, manifest)), truth, id);
      for (const entry of truth) {
        const there = this.#bucket.find(entry.key, entry.versionId);
        assert(
          there && isSame(there, entry) || this.#lostByPeople.has(idOf(entry)) ||
            entry.versionId === "null" && this.#lostByPeople.has(nullOf(entry)),
          `${id} lost ${entry.key} ${entry.versionId}`,
        );
      }
    }
  }

  async #checkStore(): Promise<void> {
    for (const name of this.#names) {
      const id = name.slice(0, name.indexOf("/"));
      if (id === "lock") continue;
      assert(this.#isWhole(id), `${name} is left without a manifest`);
      const { parts } = await readManifest(this.#store, id);
      const expected = ["manifest.json", "pinned", ...parts.map((part) => part.name)];
      assert(expected.includes(name.slice(id.length + 1)), `${name} belongs to nothing`);
    }
  }

  /** No version is left that only points named that are gone, unless it was current then. */
  #checkLeftovers(): void {
    const kept = [...this.#truth].filter(([id]) => this.#isWhole(id)).flatMap(([, all]) => all);
    const gone = [...this.#truth].filter(([id]) => this.#existed.has(id) && !this.#isWhole(id))
      .flatMap(([, all]) => all);
    for (const version of this.#bucket.versions()) {
      if (version.isLatest || this.#spared.has(idOf(version))) continue;
      if (this.#hadTwins(version)) continue;
      if (
        kept.some(({ key, versionId }) => key === version.key && versionId === version.versionId)
      ) continue;
      assert(
        !gone.some((entry) => isSame(entry, version)),
        `${version.key} ${version.versionId} is left though nothing needs it`,
      );
    }
  }

  /** A kept `null` protects every object of that name, also from points that go meanwhile. */
  #hadTwins({ key, versionId, etag }: Entry): boolean {
    return versionId === "null" &&
      [...this.#truth.values()].flat().some((entry) =>
        entry.key === key && entry.versionId === versionId && entry.etag !== etag
      );
  }

  // Chance.

  #int(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#int(items.length)]!;
  }

  /** Now, mostly; some moment of the past, or a little of the future, sometimes. */
  #pickMoment(): number {
    const chance = this.#random();
    if (chance < 0.75) return this.#time.current;
    return this.#time.current + (chance < 0.95 ? -this.#int(5 * DAY) : this.#int(DAY));
  }

  #pickPolicy(): RetentionPolicy {
    return this.#pick<RetentionPolicy>([
      { keepLast: 1 + this.#int(3) },
      { days: this.#int(3), minimumRedundancy: 1 + this.#int(3) },
      { keepDaily: 1 + this.#int(3), safetyDays: 0 },
      { keepWithin: (1 + this.#int(48)) * HOUR },
    ]);
  }

  #pickPoint(): string | undefined {
    const ids = [...this.#truth.keys()].filter((id) => this.#isWhole(id));
    const free = ids.filter((id) => !this.#names.has(`${id}/pinned`));
    return free.length > 0 ? this.#pick(free) : undefined;
  }
}

function idOf(version: Pick<Entry, "key" | "versionId"> & { readonly etag?: string }): string {
  // Of the many objects that are called null the ETag tells which.
  const which = version.versionId === "null" ? version.etag : undefined;
  return JSON.stringify([version.key, version.versionId, which]);
}

function nullOf({ key }: Entry): string {
  return idOf({ key, versionId: "null" });
}

function isSame(a: Entry, b: Entry): boolean {
  return idOf(a) === idOf(b);
}
