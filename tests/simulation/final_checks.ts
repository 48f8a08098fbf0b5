import assert from "node:assert/strict";
import { readManifest } from "../../lib/index/snapshot_reader.ts";
import { mayShareVersions } from "../../lib/gc/series.ts";
import type { VerifyReport } from "../../lib/verify.ts";
import { noncurrentSince, secondOldest } from "./collection_rules.ts";
import { idOf, type Recorded } from "./ledger.ts";
import type { ModelBucket } from "./model_bucket.ts";
import { identityOf, type World } from "./world.ts";

/** After a last gc without crashes: the store holds whole points, one record of the lock, no more. */
export async function checkStore({ ledger, store }: World): Promise<void> {
  for (const name of ledger.names) {
    const id = name.slice(0, name.indexOf("/"));
    if (id === "lock") continue;
    assert(ledger.isWhole(id), `${name} is left without a manifest`);
    const { parts } = await readManifest(store, id);
    const files = parts.flatMap(({ name, patch }) => patch ? [name, patch.name] : [name]);
    const expected = ["manifest.json", "pinned", ...files];
    assert(expected.includes(name.slice(id.length + 1)), `${name} belongs to nothing`);
  }
  const locks = [...ledger.names].filter((name) => name.startsWith("lock/"));
  assert(locks.length <= 1, `${locks} are left of the lock`);
}

/**
 * After a last gc without crashes: no version is left that only points named that are gone, unless
 * it was current then.
 */
export function checkVersions(world: World): void {
  for (const name of new Set(world.sets.map(({ replica }) => replica))) {
    checkBucket(world, world.bucket(name));
  }
}

function checkBucket({ ledger }: World, bucket: ModelBucket): void {
  const own = [...ledger.points].filter(([, { manifest }]) =>
    manifest.bucket.name === bucket.identity.name
  );
  const kept = namedBy(bucket, own.filter(([id]) => ledger.isWhole(id)));
  const gone = namedBy(bucket, own.filter(([id]) => !ledger.isWhole(id)));
  for (const version of bucket.versions()) {
    const name = idOf(bucket, version);
    if (version.isLatest || version.isDeleteMarker || ledger.spared.has(name)) continue;
    // A kept `null` protects every object of that name, also from points that go meanwhile.
    if (version.versionId === "null" || kept.has(name)) continue;
    assert(!gone.has(name), `${name} is left though nothing needs it`);
  }
}

/**
 * After a last gc of what no point names: nothing of that is left but what a moment since the
 * second oldest point needs.
 */
export function checkUnreferenced(world: World): void {
  for (const set of world.sets) {
    const bucket = world.bucket(set.replica);
    const sharing = world.ledger.whole().filter(([, { manifest }]) =>
      mayShareVersions(manifest.bucket, identityOf(set, set.replica))
    );
    const own = sharing.filter(([, { manifest }]) =>
      (manifest.bucket.prefix ?? "") === set.prefix && manifest.safetyFor === undefined
    );
    const begin = Math.min(beginOf(sharing, world), beginOf(own, world));
    const kept = namedBy(bucket, sharing);
    for (const version of bucket.versions()) {
      if (!version.key.startsWith(set.prefix) || version.versionId === "null") continue;
      const since = noncurrentSince(bucket, version);
      if (since === undefined || since > begin || kept.has(idOf(bucket, version))) continue;
      assert.fail(`${idOf(bucket, version)} is left though no point names it`);
    }
  }
}

function beginOf(points: readonly [string, Recorded][], world: World): number {
  return secondOldest(
    points.map(([, { manifest }]) => Date.parse(manifest.asOf)),
    world.serverNow(),
  );
}

/** verify finds the same lost that the books do. */
export function checkReport(world: World, report: VerifyReport): void {
  for (const { id, notLookedFor, missing, changed } of report.points) {
    const point = world.ledger.points.get(id)!;
    if (notLookedFor !== null) continue;
    const bucket = world.bucket(point.manifest.bucket.name);
    const lost = point.entries.filter((entry) => !world.ledger.isThere(bucket, entry));
    assert.equal((missing ?? 0) + (changed ?? 0), lost.length, `verify says otherwise of ${id}`);
  }
}

function namedBy(bucket: ModelBucket, points: readonly [string, Recorded][]): Set<string> {
  return new Set(points.flatMap(([, { entries }]) => entries.map((entry) => idOf(bucket, entry))));
}
