import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import type { BackupError } from "../../lib/model/errors.ts";
import { momentOf, parseTime, type TimeReference } from "../../lib/model/time.ts";
import type { SnapshotReport } from "../../lib/snapshot.ts";
import { warnOfEarlyMoment } from "../early_moment.ts";
import { ToldFailure, UsageError } from "../errors.ts";
import { EXIT } from "../exit_codes.ts";
import { countOf, formatBytes, formatDuration, formatTime } from "../format.ts";
import { globalsOf, lockOwner, noLockOption, readBy } from "../global_options.ts";
import { metricsOption, pingOption } from "../monitoring/monitor_flags.ts";
import { leftOf } from "../restore_outcome.ts";
import type { Run } from "../run.ts";

/** `snapshot`: store which version of each object is current. */
export function snapshotCommand() {
  return new Command("snapshot")
    .description("store a restoration point of the bucket as it is, or as it was")
    .option(
      "--at <time>",
      "the moment to show: 2026-11-23T01:15Z, or an age: 36h",
      readBy(parseTime),
    )
    .option("--allow-empty", "with --at, store a snapshot though it holds nothing")
    .option("--label <text>", "text for humans")
    .option("--pin", "keep it whatever the retention rules say, until it is unpinned")
    .option("--sync", "make the replica equal to the source first, as the command sync does")
    .addOption(noLockOption())
    .addOption(metricsOption())
    .addOption(pingOption())
    .action(async (flags, command) => {
      const { at, allowEmpty = false, label, pin = false, sync = false, lock, metrics, ping } =
        flags;
      if (sync && at) {
        throw new UsageError("--sync copies what the source holds now: it does not go with --at");
      }
      if (allowEmpty && !at) {
        throw new UsageError("--allow-empty is about --at: a snapshot of now may always be empty");
      }
      const { withRun } = await import("../with_run.ts");
      const taking = { label, pin, lock, allowEmpty };
      await withRun(globalsOf(command), async (run) => {
        const { snapshot, synced } = sync
          ? await takeSynced(run, taking)
          : { snapshot: await take(run, taking, at), synced: undefined };
        const { objects, bytes } = snapshot;
        const failures = synced ? leftOf(synced.report) : 0;
        await run.report(
          { ...snapshot, ...(synced && { sync: synced.report }) },
          (synced?.words ?? "") + renderSnapshot(snapshot),
          { objects, bytes, failures },
        );
        if (failures > 0) throw new ToldFailure(EXIT.partly);
      }, { watched: { command: "snapshot", metrics, ping } });
    });
}

/** What the command line says of a snapshot. */
interface Taking {
  readonly label: string | undefined;
  readonly pin: boolean;
  readonly lock: boolean;
  readonly allowEmpty: boolean;
}

async function take(
  run: Run,
  taking: Taking,
  at: TimeReference | undefined,
): Promise<SnapshotReport> {
  const { snapshot } = await import("../../lib/snapshot.ts");
  const { serverNow } = await import("../../lib/s3/server_time.ts");
  const { signal, progress: { onProgress } } = run;
  const bucket = run.openReplica();
  const store = await run.openStore({ create: true });
  run.log.write("info", `taking a snapshot of ${bucket.url} into ${store.url}`);
  return await run.stoppable("No snapshot was stored", async () => {
    const moment = at && momentOf(at, "age" in at ? await serverNow(bucket, { signal }) : 0);
    if (moment !== undefined) await warnOfEarlyMoment(run, moment, bucket, store);
    return await snapshot({
      ...{ bucket, store, lock: taking.lock, owner: lockOwner(), signal, onProgress },
      ...mannerOf(run, taking),
      allowEmpty: taking.allowEmpty,
      ...(moment !== undefined && { at: moment }),
    });
  });
}

/** Whatever does not get into the replica is in no snapshot of it: the report tells. */
async function takeSynced(run: Run, taking: Taking) {
  const { syncAndSnapshot } = await import("../../lib/sync_and_snapshot.ts");
  const { placesOfSync, renderSync } = await import("../sync_replica.ts");
  const places = await placesOfSync(run);
  const store = places.store ?? await run.openStore({ create: true });
  run.log.write("info", "making the replica equal to the source");
  const done = await run.stoppable("No snapshot was stored", () =>
    syncAndSnapshot({
      ...{ ...places, store, lock: taking.lock, owner: lockOwner() },
      snapshot: mannerOf(run, taking),
      onSynced: () =>
        run.log.write("info", `taking a snapshot of ${places.replica.url} into ${store.url}`),
    }));
  return {
    snapshot: done.snapshot,
    synced: { report: done.sync, words: renderSync(done.sync, done.sync.failed.length) },
  };
}

function mannerOf(run: Run, { label, pin }: Taking) {
  return {
    compress: run.settings.compress,
    pin,
    onUnreadable: ({ message }: BackupError) =>
      run.log.write("warning", `the snapshot before this one may be damaged: ${message}`),
    ...(label !== undefined && { label }),
  };
}

function renderSnapshot({ id, bucket, asOf, objects, bytes, durationMs }: SnapshotReport): string {
  return `${id}: ${countOf(objects, "object")}, ${formatBytes(bytes)} of ${bucket} as of ` +
    `${formatTime(asOf)}, stored in ${formatDuration(durationMs)}\n`;
}
