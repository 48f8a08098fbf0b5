/**
 * Fails over: checks that the replica holds all that the source held, makes it the source in the
 * file from which applications and backups take their buckets, and reports what is left to do.
 *
 *     deno run --allow-read=$ROLES,$ROLES.new --allow-write=$ROLES,$ROLES.new --allow-net=$S3 \
 *       --allow-env=$SDK examples/fail_over.ts $ROLES
 *
 * $ROLES is a file with `{ "source": "s3://...", "replica": "s3://..." }`. README.md tells under
 * "Permissions" what $S3 and $SDK stand for. Stop what writes to the source first. Options:
 *
 *     --check         change nothing
 *     --source-lost   compare nothing, since the source is not to be had
 *     --apply         tell S3 to replicate in the other direction; else it is printed how
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted; unless it is 0, the file is as it was.
 */
import { parseArgs } from "node:util";
// Outside of this repository, import from "jsr:@backup-my-bucket/backup-my-bucket".
import { failover, type FailoverReport, InputError, openBucket } from "../mod.ts";

const interruption = new AbortController();
Deno.addSignalListener("SIGINT", () => interruption.abort(new Error("interrupted")));

function readOptions(args: string[]) {
  const flag = { type: "boolean", default: false } as const;
  const options = { check: flag, "source-lost": flag, apply: flag };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [path, ...others] = positionals;
  if (!path || others.length > 0) throw new InputError("usage: fail_over.ts ROLES [OPTIONS]");
  return { path, ...values };
}

/** Two URLs by their roles. */
async function readRoles(path: string) {
  const text = await Deno.readTextFile(path);
  const [, source, replica] =
    /^\s*\{\s*"source":\s*"([^"\\]+)",\s*"replica":\s*"([^"\\]+)"\s*\}\s*$/.exec(text) ?? [];
  if (source && replica) return { source, replica };
  throw new InputError(`${path} must hold { "source": "s3://...", "replica": "s3://..." } alone`);
}

async function failOver({ path, check, apply, ...more }: ReturnType<typeof readOptions>) {
  const roles = await readRoles(path), swapped = { source: roles.replica, replica: roles.source };
  await using source = openBucket(roles.source);
  await using replica = openBucket(roles.replica);
  // Before anything is changed, so that no full disk comes in between.
  if (!check) await Deno.writeTextFile(`${path}.new`, JSON.stringify(swapped, null, 2) + "\n");
  const what = { source, replica, sourceLost: more["source-lost"], apply: apply && !check };
  const report = await failover({ ...what, signal: interruption.signal });
  if (!check) await Deno.rename(`${path}.new`, path);
  tell(report, check ? "can become" : "is");
}

function tell(report: FailoverReport, becomes: string): void {
  const { source, replica, objects, extra, replication, applied } = report;
  if (objects === null) console.log("Nothing was compared: what was not replicated is missing.");
  else console.log(`The replica holds all of ${objects} objects, and ${extra} more.`);
  console.log(`${source} ${becomes} the source, ${replica} its replica.`);
  if (applied) console.log("S3 replicates in this direction now.");
  else if (!replication) {
    console.log("Of a replication by S3 nothing is known: set one up, or sync.");
  } else console.log("Replication to put on the new source:", JSON.stringify(replication, null, 2));
}

try {
  await failOver(readOptions(Deno.args));
} catch (error) {
  const { code = "", message } = error as { readonly code?: string; readonly message: string };
  const isUsage = error instanceof InputError || code.startsWith("ERR_PARSE_ARGS");
  Deno.exitCode = interruption.signal.aborted ? 130 : isUsage ? 2 : 1;
  console.error(message);
}
