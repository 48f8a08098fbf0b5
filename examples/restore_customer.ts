/**
 * Brings back what one customer had: the keys under customers/ID/, as a point holds them.
 *
 *     deno run --allow-read=$STORE --allow-write=$STORE --allow-net=$S3 --allow-env=$SDK \
 *       examples/restore_customer.ts $SOURCE $STORE ID
 *
 * The URLs of the bucket and of the store, and the customer. README.md tells under "Permissions"
 * what $S3 and $SDK stand for. Says first what it would do, then asks. Options:
 *
 *     --replica URL   where S3 replicates the bucket to, if points are of that one
 *     --point POINT   an id, or `latest~N` for the Nth before the latest; by default `latest`
 *     --delete        delete, too, what the customer has and the point lacks; else it stays
 *     --yes           do not ask
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done in part, 130 interrupted.
 */
import { parseArgs } from "node:util";
// Outside of this repository, import from "jsr:@backup-my-bucket/backup-my-bucket".
import { InputError, openBucket, openStore, restore, type RestoreReport } from "../mod.ts";

const USAGE = "usage: restore_customer.ts BUCKET STORE ID [OPTIONS], which its first lines explain";
const interruption = new AbortController();
Deno.addSignalListener("SIGINT", () => interruption.abort(new Error("interrupted")));

function readOptions(args: string[]) {
  const text = { type: "string" } as const, flag = { type: "boolean", default: false } as const;
  const options = { replica: text, point: text, delete: flag, yes: flag };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [bucket, store, id, ...others] = positionals;
  if (!bucket || !store || !id || others.length > 0) throw new InputError(USAGE);
  // Nothing that would be the beginning of several customers' keys.
  if (!/^[\w-]+$/.test(id)) throw new InputError(`${JSON.stringify(id)} is no customer's ID`);
  return { bucket, store, prefix: `customers/${id}/`, ...values };
}

async function restoreCustomer(options: ReturnType<typeof readOptions>): Promise<void> {
  const { prefix, point = "latest" } = options;
  await using target = openBucket(options.bucket);
  await using replica = openBucket(options.replica ?? options.bucket);
  await using store = await openStore(options.store);
  const { signal } = interruption;
  const what = { store, target, replica, prefixes: [prefix], delete: options.delete, signal };
  const plan = await restore({ ...what, snapshot: point, dryRun: true });
  signal.throwIfAborted();
  console.log(`Point ${plan.snapshot} holds ${plan.objects} objects of ${prefix}: ${told(plan)}`);
  if (plan.copied + plan.undeleted + plan.deleted === 0) return conclude(plan);
  if (!options.yes) askFirst();
  conclude(await restore({ ...what, snapshot: plan.snapshot! }));
}

function told({ unchanged, copied, undeleted, deleted, extra, archived, failed }: RestoreReport) {
  return `right already ${unchanged}, brought back ${copied + undeleted}, deleted ${deleted}, ` +
    `others left ${extra}, archived ${archived}, failed ${failed.length}`;
}

function askFirst(): void {
  if (!Deno.stdin.isTerminal()) throw new InputError("no terminal to ask on: add --yes to do it");
  if (!confirm("Do it?")) throw new Error("Nothing was changed");
}

function conclude(report: RestoreReport): void {
  const { dryRun, interrupted, failed, archived, safetySnapshot } = report;
  const what = dryRun ? "Nothing to do" : interrupted ? "Run it again for the rest" : "Done";
  console.log(`${what}: ${told(report)}`);
  for (const { key, message } of failed) console.error(`${key}: ${message}`);
  Deno.exitCode = interrupted ? 130 : failed.length + archived > 0 ? 3 : 0;
  if (safetySnapshot === null) return;
  console.log(`To undo it, run the same with --delete --point ${safetySnapshot}`);
}

try {
  await restoreCustomer(readOptions(Deno.args));
} catch (error) {
  const { code = "", message } = error as { readonly code?: string; readonly message: string };
  const isUsage = error instanceof InputError || code.startsWith("ERR_PARSE_ARGS");
  Deno.exitCode = interruption.signal.aborted ? 130 : isUsage ? 2 : 1;
  console.error(message);
}
