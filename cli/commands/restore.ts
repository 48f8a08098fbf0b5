import { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
import { momentOf, parseTime, type TimeReference } from "../../lib/model/time.ts";
import type { RestoreReport } from "../../lib/restore/restore_report.ts";
import type { RestoreOptions } from "../../lib/restore.ts";
import type { ThawTier } from "../../lib/s3/thaw_version.ts";
import { ToldFailure, UsageError } from "../errors.ts";
import { EXIT } from "../exit_codes.ts";
import { globalsOf, lockOwner, noLockOption, readBy, wholeNumber } from "../global_options.ts";
import { metricsOption, pingOption } from "../monitoring/monitor_flags.ts";
import type { Outcome } from "../monitoring/outcome.ts";
import { nameOf, renderRestore, undoOf } from "../render_restore.ts";
import type { Run } from "../run.ts";
import {
  addSelectionFlags,
  readSelection,
  type SelectionFlags,
  selectionFlagsOf,
  selectionWords,
} from "../selection_flags.ts";
import { Interrupted } from "../signals.ts";

/** What `restore` takes besides the snapshot. */
interface Flags extends SelectionFlags {
  readonly at?: TimeReference | undefined;
  readonly to?: string | undefined;
  readonly delete?: true | undefined;
  readonly undelete?: boolean | undefined;
  readonly dryRun?: true | undefined;
  readonly safetySnapshot: boolean;
  readonly thaw?: ThawTier | undefined;
  readonly thawDays?: number | undefined;
  readonly force?: true | undefined;
  readonly encryption?: string | undefined;
  readonly acl?: true | undefined;
  readonly allowOtherReplica?: true | undefined;
  readonly lock: boolean;
  readonly metrics?: string | undefined;
  readonly ping?: string | undefined;
}

type Buckets = Pick<RestoreOptions, "target" | "replica" | "toPrefix">;

/** How fast archived versions are made readable; the cheapest first. */
const TIERS = ["bulk", "standard", "expedited"] as const satisfies readonly ThawTier[];

/** `restore`: make a bucket what a snapshot says it was. */
export function restoreCommand() {
  const command = new Command("restore")
    .description("make the bucket what a snapshot says it was")
    .argument("[snapshot]", "id, beginning of one, latest, or latest~N")
    .option(
      "--at <time>",
      "in place of a snapshot, what the bucket's versions say of 2026-11-23T01:15Z, or 36h ago",
      readBy(parseTime),
    )
    .option("--to <bucket>", "restore into this bucket, below the prefix that its URL has")
    .option("--delete", "delete what the snapshot does not hold")
    .option(
      "--undelete",
      "remove delete markers rather than copy, in the source and in its replica",
    )
    .option("--no-undelete", "copy, even in a bucket that is its own replica")
    .option("--dry-run", "only tell what would be done")
    .option("--no-safety-snapshot", "do not store first what would undo the restore")
    .addOption(
      new Option("--thaw <tier>", "ask for archived versions to be made readable").choices(TIERS),
    )
    .option("--thaw-days <n>", "for how many days they stay readable", wholeNumber(1))
    .option(
      "--encryption <how>",
      "how copies are encrypted: keep, bucket, AES256 or aws:kms[:KEY]",
    )
    .option("--acl", "put the versions' access control lists on the copies")
    .option(
      "--force",
      "overwrite what changed meanwhile, and restore what is left of an expired snapshot",
    )
    .option(
      "--allow-other-replica",
      "take the versions from a replica that the snapshot does not name",
    )
    .addOption(noLockOption())
    .addOption(metricsOption())
    .addOption(pingOption())
    .action(async (snapshot, flags, command) => {
      const { withRun } = await import("../with_run.ts");
      const given = { ...flags, ...selectionFlagsOf(command) };
      await withRun(globalsOf(command), (run) => runRestore(run, snapshot, given), {
        watched: { command: "restore", ...flags },
      });
    });
  addSelectionFlags(command);
  return command;
}

async function runRestore(run: Run, snapshot: string | undefined, flags: Flags): Promise<void> {
  const { restore } = await import("../../lib/restore.ts");
  assertTogether(snapshot, flags);
  const { concurrency } = run.settings;
  const buckets = await bucketsOf(run, flags.to);
  const options: RestoreOptions = {
    ...await wantedOf(run, snapshot, { ...flags, ...buckets }),
    ...buckets,
    ...await readSelection(flags, run.signal),
    delete: flags.delete ?? false,
    ...(flags.undelete !== undefined && { undelete: flags.undelete }),
    safetySnapshot: flags.safetySnapshot,
    lock: flags.lock,
    owner: lockOwner(),
    allowExpired: flags.force ?? false,
    ...(flags.encryption !== undefined && { encryption: flags.encryption }),
    acl: flags.acl ?? false,
    overwriteChanged: flags.force ?? false,
    allowOtherReplica: flags.allowOtherReplica ?? false,
    ...(flags.thaw && { thaw: flags.thaw }),
    ...(flags.thawDays !== undefined && { thawDays: flags.thawDays }),
    ...(concurrency !== undefined && { concurrency }),
    signal: run.signal,
    onProgress: run.progress.onProgress,
  };
  const apply = (dryRun: boolean) =>
    run.stoppable("Nothing was changed", () => restore({ ...options, dryRun }));
  if (flags.dryRun) return await tell(run, await apply(true), flags);
  if (run.mustAsk) {
    const plan = await apply(true);
    run.signal.throwIfAborted();
    await run.confirm(renderRestore(plan), `Restore ${plan.target} to ${nameOf(plan)}?`);
  }
  await tell(run, await apply(false), flags);
}

/** What one option says must make sense next to the others. */
function assertTogether(
  snapshot: string | undefined,
  { at, undelete, to, allowOtherReplica }: Flags,
): void {
  if ((snapshot === undefined) === (at === undefined)) {
    throw new UsageError(
      at === undefined
        ? "what is to be restored? Name a snapshot (see list-snapshots), or a time with --at"
        : "a snapshot and --at exclude each other: --at restores without a snapshot",
    );
  }
  if (at && allowOtherReplica) {
    throw new UsageError("--allow-other-replica is about a snapshot's: it does not go with --at");
  }
  if (undelete && to !== undefined) {
    throw new UsageError(
      "--undelete brings back what was deleted in the source, together with its replica: it does " +
        "not go with --to",
    );
  }
}

/** An age is resolved here, once, so that what is shown first is what is done then. */
async function wantedOf(
  run: Run,
  snapshot: string | undefined,
  { at, safetySnapshot, dryRun, target, replica = target }: Flags & Buckets,
): Promise<Pick<RestoreOptions, "snapshot" | "at" | "store">> {
  if (!at) return { ...(snapshot !== undefined && { snapshot }), store: await run.openStore() };
  const { serverNow } = await import("../../lib/s3/server_time.ts");
  const now = "age" in at ? await serverNow(replica, { signal: run.signal }) : 0;
  const isStored = safetySnapshot && !dryRun || run.settings.store !== undefined;
  return { at: momentOf(at, now), ...(isStored && { store: await run.openStore() }) };
}

async function bucketsOf(
  run: Run,
  to: string | undefined,
): Promise<Buckets> {
  const replica = run.openReplica();
  if (to === undefined) return { replica, target: run.openSource() };
  const { formatBucketUrl, parseBucketUrl } = await import("../../lib/s3/bucket_url.ts");
  const { prefix, ...location } = parseBucketUrl(to);
  return {
    replica,
    target: run.openBucket(formatBucketUrl({ ...location, prefix: "" })),
    // `--to s3://bucket/restored` means the folder, whether its slash is written or not.
    ...(prefix !== "" && { toPrefix: prefix.endsWith("/") ? prefix : `${prefix}/` }),
  };
}

async function tell(run: Run, report: RestoreReport, flags: Flags): Promise<void> {
  const elsewhere = flags.to !== undefined;
  // Elsewhere the keys may have got a prefix, which the selection does not know.
  const selection = elsewhere ? [] : selectionWords(flags);
  const undo = undoOf(report, run.options, { elsewhere, selection });
  await run.report(report, renderRestore(report, undo), outcomeOf(report));
  if (report.interrupted) {
    await run.output.flush();
    const { by } = run.signal.reason as Interrupted;
    throw new Interrupted(
      by,
      `stopped by ${by}; what was begun was finished. ` + whatIsLeft(report, undo),
    );
  }
  if (report.failed.length > 0) throw new ToldFailure(EXIT.partly);
}

function outcomeOf(report: RestoreReport): Outcome {
  const { dryRun, copied, undeleted, deleted, bytesCopied: bytes, failed } = report;
  return { dryRun, objects: copied + undeleted + deleted, bytes, failures: failed.length };
}

function whatIsLeft(report: RestoreReport, undo: string | undefined): string {
  if (report.dryRun) return "Nothing was changed";
  const back = undo === undefined ? "" : `; ${undo} undoes it`;
  return `Restore ${nameOf(report)} again to do the rest${back}`;
}
