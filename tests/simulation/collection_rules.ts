import assert from "node:assert/strict";
import { isSameBucket } from "../../lib/bucket_identity.ts";
import type { RetentionPolicy } from "../../lib/model/retention_policy.ts";
import { idOf, type Recorded } from "./ledger.ts";
import type { Deletion, ModelBucket, ModelVersion } from "./model_bucket.ts";
import type { Process, Rules } from "./process.ts";
import { type BackupSet, identityOf, type World } from "./world.ts";

const DAY = 24 * 3_600_000;
/** The server says its time in whole seconds: so many milliseconds more may have passed. */
const CLOCK_PRECISION = 999;

/** What is collected, and how. */
export interface CollectionTask {
  readonly set: BackupSet;
  /** Left out where somebody names the points that go. */
  readonly policy?: RetentionPolicy;
  /** From which age on what no point names goes, in milliseconds. Left out: it stays. */
  readonly unreferenced?: number | undefined;
}

/**
 * What gc and delete promise: each mark and each deletion is held against them as it happens, by
 * what the books say and not by what the program read.
 */
export class CollectionRules implements Rules {
  readonly #world: World;
  readonly #set: BackupSet;
  readonly #process: Process;
  readonly #policy: RetentionPolicy | undefined;
  readonly #unreferenced: number | undefined;
  readonly #firstTouch: number;

  constructor(world: World, { set, policy, unreferenced }: CollectionTask, process: Process) {
    this.#world = world;
    this.#set = set;
    this.#process = process;
    this.#policy = policy;
    this.#unreferenced = unreferenced;
    this.#firstTouch = world.touches.length;
  }

  /** Each version that goes is one that only points name which go, or none does. */
  readonly onDelete = (bucket: ModelBucket, { key, versionId, version, isCurrent }: Deletion) => {
    const { ledger } = this.#world;
    const what = `${bucket.identity.name}: ${key} ${versionId}`;
    assert.equal(bucket.identity.name, this.#set.replica, `${what} is of another bucket`);
    assert(key.startsWith(this.#set.prefix), `${what} is outside the prefix`);
    const look = this.#world.lastLook(bucket, version!);
    // Nor can a `null` version that another replaces in that moment, which needs a bucket whose
    // versioning was suspended meanwhile.
    if (look === undefined && versionId === "null") return;
    assert.notEqual(look, undefined, `${what} was deleted without a look`);
    // What becomes current between the look and the request cannot be told.
    const isRight = !isCurrent || look === false || isLoneMarker(bucket, version!);
    assert(isRight, `${what} was deleted though it was seen to be current`);
    let isExpired = false;
    for (const [id, { manifest, entries }] of ledger.points) {
      if (manifest.bucket.name !== bucket.identity.name) continue;
      const isNamed = entries.some((entry) => idOf(bucket, entry) === idOf(bucket, version!));
      if (!isNamed) continue;
      assert(!ledger.isWhole(id), `${what} was deleted though ${id} needs it`);
      isExpired ||= ledger.names.has(`${id}/expired`);
    }
    if (!isExpired) this.#checkUnreferenced(bucket, version!, what);
  };

  /** What no point names went as it was asked for, and no later moment needs it. */
  #checkUnreferenced(bucket: ModelBucket, version: ModelVersion, what: string): void {
    const age = this.#unreferenced;
    assert(age !== undefined, `${what} was deleted though no point that is marked names it`);
    // What stands above it may have changed since the last look.
    if (this.#isTouched(bucket, version.key)) return;
    const now = Math.max(...this.#process.dates);
    const since = noncurrentSince(bucket, version);
    assert(since !== undefined, `${what} was deleted, a delete marker of something`);
    assert(since <= now - age, `${what} was deleted too young`);
    const begin = secondOldest(this.#ownMoments(), now + CLOCK_PRECISION);
    assert(since <= begin, `${what} was deleted though a moment since then needs it`);
  }

  #isTouched(bucket: ModelBucket, key: string): boolean {
    return this.#world.touches.slice(this.#firstTouch).some((touch) =>
      touch.bucket === bucket.identity.name && touch.key === key && touch.by !== this.#process
    );
  }

  #ownMoments(): number[] {
    const own = this.#world.ledger.whole().filter(([, point]) => this.#isOwn(point));
    return own.map(([, { manifest }]) => Date.parse(manifest.asOf));
  }

  /** Each point that goes is one that may. */
  readonly onMark = (id: string): void => {
    const { ledger } = this.#world;
    const point = ledger.points.get(id);
    assert(point, `${id} was marked, and there is none`);
    assert(!ledger.names.has(`${id}/pinned`), `${id} was marked though it is pinned`);
    // Whose a damaged point is, that somebody gives up, cannot be told.
    const isRight = ledger.damaged.has(id) || this.#isOwn(point) || this.#isGuest(point);
    assert(isRight, `${id} was marked, of another set`);
    if (this.#policy) this.#checkPolicy(id, point, this.#policy);
  };

  /** At one of the moments that the server told, the policy must have let it go. */
  #checkPolicy(id: string, point: Recorded, policy: RetentionPolicy): void {
    const isRight = this.#process.dates.some((date) =>
      this.#mayGo(id, point, policy, date + CLOCK_PRECISION)
    );
    assert(isRight, `${id} was marked though ${JSON.stringify(policy)} keeps it`);
  }

  #mayGo(id: string, { manifest }: Recorded, policy: RetentionPolicy, now: number): boolean {
    const asOf = Date.parse(manifest.asOf);
    if (asOf > now) return false;
    const { days = 0, minimumRedundancy = 0, keepLast = 1, keepWithin = 0 } = policy;
    const { safetyDays = 7 } = policy;
    if (manifest.safetyFor !== undefined) return asOf < now - safetyDays * DAY;
    const newer = this.#newerThan(id, asOf, now);
    const ageing = newer.filter((other) => !this.#world.ledger.names.has(`${other}/pinned`));
    return newer.length >= keepLast && ageing.length >= minimumRedundancy &&
      (policy.days === undefined || asOf < now - days * DAY) &&
      (policy.keepWithin === undefined || asOf < now - keepWithin);
  }

  /** Points that stay when older ones go. */
  #newerThan(id: string, asOf: number, now: number): string[] {
    const whole = this.#world.ledger.whole().filter(([other, point]) => {
      const time = Date.parse(point.manifest.asOf);
      const isNewer = time > asOf || time === asOf && other > id;
      return isNewer && time <= now && point.manifest.safetyFor === undefined &&
        this.#isOwn(point);
    });
    return whole.map(([other]) => other);
  }

  #isOwn({ manifest: { bucket, safetyFor } }: Recorded): boolean {
    const own = identityOf(this.#set, this.#set.replica);
    const prefix = bucket.prefix ?? "";
    if (!isSameBucket(bucket, own)) return false;
    return safetyFor === undefined
      ? prefix === this.#set.prefix
      : prefix.startsWith(this.#set.prefix);
  }

  #isGuest({ manifest: { bucket, safetyFor } }: Recorded): boolean {
    return this.#policy !== undefined && safetyFor !== undefined &&
      bucket.name === this.#set.source && (bucket.prefix ?? "").startsWith(this.#set.prefix);
  }
}

/**
 * Since when a version has not been current, in milliseconds since 1970; of a delete marker that
 * nothing is below since when it is there. Undefined for one that is current.
 */
export function noncurrentSince(bucket: ModelBucket, version: ModelVersion): number | undefined {
  const { key, versionId, lastModified } = version;
  const versions = bucket.versionsOf(key);
  const newer = versions[versions.findIndex((each) => each.versionId === versionId) - 1];
  if (newer) return Math.max(newer.lastModified, lastModified);
  return isLoneMarker(bucket, version) ? lastModified : undefined;
}

/** From when on moments can still be asked for. Of one point, its own. */
export function secondOldest(moments: readonly number[], now: number): number {
  const past = moments.filter((moment) => moment <= now).sort((a, b) => a - b);
  return past[1] ?? past[0] ?? -Infinity;
}

function isLoneMarker(bucket: ModelBucket, { key, isDeleteMarker }: ModelVersion): boolean {
  return isDeleteMarker && bucket.versionsOf(key).length === 1;
}
