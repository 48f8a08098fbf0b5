/**
 * The whole cycle, for somebody who has just met the program: real requests, over HTTP, to an S3
 * server in this process. Nothing is faked and nothing leaves the machine.
 */
import { gc } from "../../lib/gc.ts";
import { BackupError } from "../../lib/model/errors.ts";
import type { SnapshotStore } from "../../lib/model/store.ts";
import { restore } from "../../lib/restore.ts";
import type { Bucket } from "../../lib/s3/bucket.ts";
import { snapshot } from "../../lib/snapshot.ts";
import type { DemoClock } from "./demo_clock.ts";
import { keyOf, makeObject, makeObjects } from "./demo_objects.ts";
import {
  countVersions,
  createBuckets,
  deleteObjects,
  fingerprint,
  writeObjects,
} from "./demo_world.ts";
import { assertSame, type Fingerprint } from "./proof.ts";

/** What the demo plays with. */
export interface DemoStage {
  readonly source: Bucket;
  readonly replica: Bucket;
  readonly store: SnapshotStore;
  /** The embedded server's clock. */
  readonly clock: DemoClock;
  /** Resolves when the replica has all that the source wrote. */
  readonly replicated: () => Promise<void>;
  /** Tells the audience; a step begins with its number. */
  readonly say: (line: string) => Promise<void>;
  /** Objects in the source at the beginning; at least 20. */
  readonly objects: number;
  readonly signal: AbortSignal;
}

/** Days that pass between the snapshots that gc is to drop and the end. */
const AGE_DAYS = 40;
const RETENTION_DAYS = 30;

/**
 * Play the cycle from the first snapshot to the last collection.
 *
 * @throws {BackupError} `DemoFailed` when the source is not exactly what it was
 */
export async function playDemo(stage: DemoStage): Promise<void> {
  const { say } = stage;
  await say(`1. A bucket with ${stage.objects} objects, replicated to a second, versioned bucket`);
  const before = await setUp(stage);

  await say("2. A snapshot: which version of each key is current in the replica");
  const first = await takeSnapshot(stage);

  await say("3. A disaster in the source");
  await ruin(stage, before);

  await say(`4. Restore ${first}`);
  await bringBack(stage, first, before);

  await say("5. Restore once more, to see that nothing is left to do");
  await bringBack(stage, first, before);

  await say(`6. ${AGE_DAYS} days of writing go by, with a snapshot now and then`);
  const kept = await grow(stage);

  await say(
    `7. Collect what is older than ${RETENTION_DAYS} days, but never the last two snapshots`,
  );
  await collect(stage);

  await say("8. What was kept still restores");
  await writeObjects(stage.source, makeObjects(stage.objects, "overwritten-again"));
  await stage.replicated();
  await bringBack(stage, kept.id, kept.contents);
}

async function setUp({ source, replica, replicated, objects, say }: DemoStage) {
  await createBuckets(source, replica);
  await writeObjects(source, makeObjects(objects, "original"));
  await replicated();
  await say(`   ${source.url}`);
  await say(`   ${replica.url}`);
  await say(`   among the keys: ${[0, 2, 4, 5].map((i) => JSON.stringify(keyOf(i))).join(", ")}`);
  return await fingerprint(source);
}

async function takeSnapshot({ replica, store, say, signal }: DemoStage): Promise<string> {
  const report = await snapshot({ bucket: replica, store, ...(signal && { signal }) });
  await say(`   ${report.id}: ${report.objects} objects, stored in ${store.url}`);
  return report.id;
}

async function ruin(stage: DemoStage, before: Fingerprint): Promise<void> {
  const { source, replicated, objects, say } = stage;
  const quarter = Math.floor(objects / 4);
  const keys = Array.from({ length: objects }, (_, i) => keyOf(i));
  await writeObjects(source, keys.slice(0, quarter).map((key) => makeObject(key, "RANSOM")));
  await deleteObjects(source, keys.slice(quarter, 2 * quarter));
  await writeObjects(source, [makeObject("stray-upload.exe", "stray")]);
  await replicated();
  const after = await fingerprint(source);
  await say(
    `   ${quarter} objects overwritten, ${quarter} deleted, 1 stray upload; all of it replicated`,
  );
  if (after.size === before.size) {
    throw new BackupError("DemoFailed", "the disaster did not change the source");
  }
}

async function bringBack(
  { source, replica, store, say, signal }: DemoStage,
  id: string,
  expected: Fingerprint,
): Promise<void> {
  const report = await restore({
    snapshot: id,
    store,
    replica,
    target: source,
    delete: true,
    signal,
  });
  await say(
    `   ${report.copied} copied inside S3, ${report.deleted} deleted, ` +
      `${report.unchanged} already right, ${report.failedCount} failed`,
  );
  if (report.safetySnapshot !== null) {
    await say(`   to undo it, restore ${report.safetySnapshot}, which was taken first`);
  }
  assertSame(await fingerprint(source), expected);
  await say(`   proved: all ${expected.size} keys have the bytes, metadata and tags that they had`);
}

async function grow(stage: DemoStage): Promise<{ id: string; contents: Fingerprint }> {
  const { source, clock, replicated, objects } = stage;
  let id = "", contents: Fingerprint = new Map();
  for (const generation of ["second", "third", "fourth"]) {
    clock.advanceDays(AGE_DAYS / 4);
    await writeObjects(source, makeObjects(Math.floor(objects / 2), generation));
    await replicated();
    contents = await fingerprint(source);
    id = await takeSnapshot(stage);
  }
  clock.advanceDays(AGE_DAYS / 4);
  return { id, contents };
}

async function collect({ source, replica, store, say, signal }: DemoStage): Promise<void> {
  const before = await countVersions(replica);
  const report = await gc({
    bucket: replica,
    source: source.identity(),
    store,
    policy: { days: RETENTION_DAYS, minimumRedundancy: 2 },
    signal,
  });
  const after = await countVersions(replica);
  await say(`   dropped ${report.expired.join(", ") || "nothing"}`);
  for (const { id, reasons } of report.kept) await say(`   kept    ${id}: ${reasons.join(", ")}`);
  await say(
    `   ${report.versionsDeleted} versions deleted that only dropped snapshots named: ` +
      `${before.versions} before, ${after.versions} now`,
  );
}
