import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import type { FailoverReport } from "../../lib/failover.ts";
import { BackupError } from "../../lib/model/errors.ts";
import type { ConfigSwap } from "../config_swap.ts";
import { countOf } from "../format.ts";
import { globalsOf } from "../global_options.ts";
import type { Run } from "../run.ts";

/** What `failover` takes besides what every command does. */
interface Flags {
  readonly apply?: true | undefined;
  readonly role?: string | undefined;
  readonly sourceLost?: true | undefined;
  readonly allowExpiry?: true | undefined;
  readonly dryRun?: true | undefined;
}

/** `failover`: let source and replica change their roles. */
export function failoverCommand() {
  return new Command("failover")
    .description("let source and replica change roles, once the replica holds all the source held")
    .option("--apply", "tell S3 to replicate in the other direction; else it is only printed how")
    .option("--role <arn>", "role that S3 takes on to replicate; by default that of today")
    .option("--source-lost", "do not ask the source, which is not to be had: compare nothing")
    .option(
      "--allow-expiry",
      "go on though the old source has lifecycle rules that delete what points will need",
    )
    .option("--dry-run", "compare, and change neither the configuration nor S3")
    .action(async (flags, command) => {
      const { withRun } = await import("../with_run.ts");
      const globals = globalsOf(command);
      await withRun(globals, (run) => runFailover(run, flags));
    });
}

async function runFailover(run: Run, flags: Flags): Promise<void> {
  const { failover } = await import("../../lib/failover.ts");
  const { openConfigSwap } = await import("../config_swap.ts");
  const { apply = false, role, sourceLost = false, allowExpiry = false, dryRun = false } = flags;
  const swap = await openConfigSwap(run);
  const source = run.openSource(), replica = run.openReplica();
  if (!dryRun) {
    const question = `Make ${replica.url} the source, and ${source.url} its replica?`;
    await run.confirm("", question);
  }
  const report = await run.stoppable("Nothing was changed", () =>
    failover({
      ...{ source, replica, sourceLost, allowExpiry, apply, dryRun },
      ...(role !== undefined && { role }),
      beforeChange: swap.assertUnchanged,
      signal: run.signal,
      onProgress: run.progress.onProgress,
    }));
  // Last: until then a further run begins where this one began.
  if (!dryRun) await writeSwap(swap, report);
  const told = { dryRun, config: swap.path, ...report };
  const outcome = { dryRun, objects: report.objects ?? 0, bytes: 0, failures: 0 };
  await run.report(told, renderFailover(told), outcome);
}

function withoutRole({ lifecycle }: FailoverReport): string {
  return lifecycle
    ? "S3 does not replicate the old source: sync copies to the new replica."
    : "How S3 replicated is not known: name the role for the other direction (--role), or use sync.";
}

/** What S3 is to be told of the old source, then. */
function afterOld({ objects, oldReplication }: FailoverReport): string[] {
  if (objects === null) return [];
  if (!oldReplication) return ["Then delete the replication of the old one."];
  return [
    "Then put this on the old one, which keeps its other rules by it:",
    JSON.stringify(oldReplication, null, 2),
  ];
}

/** @throws whatever kept the file from being written, and what S3 was told already */
async function writeSwap({ path, write }: ConfigSwap, report: FailoverReport): Promise<void> {
  try {
    await write();
  } catch (cause) {
    const { source, replica, applied } = report;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BackupError(
      cause instanceof BackupError ? cause.code : "ConfigNotWritten",
      `cannot swap the roles in ${path}: ${reason}. ` +
        (applied ? `S3 was told already to replicate the other way round: write` : `Write`) +
        ` there by hand that ${source} is the source, and ${replica} its replica`,
      { cause },
    );
  }
}

function renderFailover(
  report: FailoverReport & { readonly dryRun: boolean; readonly config: string },
): string {
  const { dryRun, config, source, replica, objects, extra, replication, applied } = report;
  const lines = [
    objects === null
      ? "Nothing was compared: whatever had not been replicated is not in the new source."
      : `${source} holds all of ${countOf(objects, "object")}` +
        (extra > 0 ? `, and ${countOf(extra, "object")} more.` : "."),
    dryRun
      ? `Would make it the source in ${config}, and ${replica} its replica.`
      : `It is the source in ${config} now, and ${replica} its replica.`,
  ];
  if (applied) lines.push("S3 replicates in this direction now.");
  else if (replication) {
    lines.push(
      "For S3 to replicate in this direction, put this on the new source (or use --apply):",
      JSON.stringify(replication, null, 2),
      ...afterOld(report),
    );
  } else lines.push(withoutRole(report));
  lines.push(...ofNewReplica(report));
  return lines.map((line) => `${line}\n`).join("");
}

/** What is left to do about the bucket that becomes the replica. */
function ofNewReplica({ replica, lifecycle }: FailoverReport): string[] {
  if (!lifecycle) {
    return [
      `Nothing was asked of ${replica}. Once it is back, delete its replication to the new source, and ` +
      `see that it is versioned and has no lifecycle rule that deletes noncurrent versions.`,
    ];
  }
  const { problem, expiring } = lifecycle;
  if (problem !== null) return [`Points may lose what they need: ${problem}`];
  return expiring.map(({ id, says }) =>
    `Points will lose what they need: the lifecycle rule ${JSON.stringify(id)} of ${replica} ` +
    `${says}. Take that out of its lifecycle soon.`
  );
}
