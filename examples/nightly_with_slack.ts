/**
 * For every night: takes a snapshot, drops old ones, and tells a Slack channel how it went.
 *
 *     deno run --allow-read=$STORE --allow-write=$STORE --allow-net=$S3,hooks.slack.com \
 *       --allow-env=$SDK,SLACK_WEBHOOK_URL \
 *       examples/nightly_with_slack.ts $REPLICA $STORE
 *
 * The two arguments are URLs, of the replica (or of your only bucket) and of the store. The secret
 * URL of an incoming webhook is in SLACK_WEBHOOK_URL. README.md tells under "Permissions" what $S3
 * and $SDK stand for.
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done in part, 130 interrupted.
 */
// Outside of this repository, import from "jsr:@backup-my-bucket/backup-my-bucket".
import { gc, openBucket, openStore, type RetentionPolicy, snapshot } from "../mod.ts";

/** Which snapshots stay. */
const POLICY: RetentionPolicy = { days: 30, minimumRedundancy: 2 };
/** Milliseconds within which Slack has to answer. */
const SLACK_TIMEOUT = 30_000;

const messageOf = (error: unknown) => error instanceof Error ? error.message : String(error);

const [bucketUrl, storeUrl, ...others] = Deno.args;
const webhook = URL.parse(Deno.env.get("SLACK_WEBHOOK_URL") ?? "");
if (!bucketUrl || !storeUrl || others.length > 0 || !webhook) {
  console.error(
    "usage: SLACK_WEBHOOK_URL=https://hooks.slack.com/... nightly_with_slack.ts BUCKET STORE",
  );
  Deno.exit(2);
}
const interruption = new AbortController();
Deno.addSignalListener("SIGINT", () => interruption.abort(new Error("interrupted")));

/** Tells line by line what is done, so that a failure does not hide what went well before it. */
async function* backUp(url: string, where: string, signal: AbortSignal): AsyncGenerator<string> {
  await using bucket = openBucket(url);
  await using store = await openStore(where);
  const { id, objects, bytes } = await snapshot({ bucket, store, label: "nightly", signal });
  yield `Snapshot ${id} holds ${objects} objects, ${bytes} bytes.`;
  const report = await gc({ bucket, store, policy: POLICY, signal });
  yield `gc dropped ${report.expired.length} snapshots and freed ${report.bytesFreed} bytes.`;
  if (report.failedCount === 0) return;
  Deno.exitCode = 3;
  yield `${report.failedCount} versions could not be deleted: ${report.failed[0]?.message}`;
}

/** Posts a message; whatever is thrown does not hold the webhook's secret URL. */
async function tellSlack(url: URL, message: string): Promise<void> {
  const text = message.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const signal = AbortSignal.timeout(SLACK_TIMEOUT);
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify({ text }), signal };
  const response = await fetch(url, request).catch((error) => {
    throw new Error(messageOf(error).replaceAll(url.href, "its webhook"));
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answered with status ${response.status}`);
}

const lines: string[] = [];
try {
  for await (const line of backUp(bucketUrl, storeUrl, interruption.signal)) lines.push(line);
} catch (error) {
  Deno.exitCode = interruption.signal.aborted ? 130 : 1;
  lines.push(messageOf(error));
}
const outcome = Deno.exitCode === 0 ? "done" : Deno.exitCode === 3 ? "done in part" : "FAILED";
const message = [`Backup of ${bucketUrl}: ${outcome}`, ...lines].join("\n");
console.log(message);
try {
  await tellSlack(webhook, message);
} catch (error) {
  console.error(`Slack was not told: ${messageOf(error)}`);
  Deno.exitCode ||= 1;
}
