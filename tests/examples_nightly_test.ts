/** examples/nightly_with_slack.ts, against the embedded S3 and a webhook on loopback. */
import assert from "node:assert/strict";
import { CommandWorld } from "./command_world.ts";
import { assertNoFlagSuperfluous, runExample } from "./examples/example.ts";
import { startWebhook, type Webhook } from "./examples/webhook.ts";

const NAME = "nightly_with_slack";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The bucket of the world is the only one, and its own replica. */
function settings({ url, host }: Webhook, world: CommandWorld) {
  return {
    values: { "hooks.slack.com": host, $REPLICA: world.url() },
    env: { SLACK_WEBHOOK_URL: url },
  };
}

/** A snapshot for each age in days, of an object that is overwritten in between. */
async function takeSnapshots(world: CommandWorld, ages: readonly number[], object = {}) {
  const now = Date.now();
  for (const age of ages) {
    const lastModified = now - age * DAY;
    world.server.seed(world.bucket, [{ key: "a", body: `${age}`, lastModified, ...object }]);
    await world.snapshot({ at: lastModified + HOUR });
  }
}

Deno.test("a night's snapshot and gc are told in one message", async () => {
  await using world = await CommandWorld.create();
  await using webhook = startWebhook();
  await takeSnapshots(world, [900, 800, 2]);
  const run = settings(webhook, world);
  const { code, stdout, stderr } = await runExample(world, NAME, run);
  assert.equal(code, 0, stderr);
  assert.equal(webhook.posted.length, 1);
  const { text } = webhook.posted[0]!;
  assert.equal(stdout, `${text.replaceAll("&amp;", "&")}\n`);
  assert.match(text, /^Backup of s3:\/\/photos\?region=us-east-1&amp;endpoint=\S*: done\n/);
  assert.match(text, /\nSnapshot \S+ holds 1 objects, 1 bytes\.\n/);
  assert.match(text, /\ngc dropped 2 snapshots and freed 6 bytes\.$/);
  await assertNoFlagSuperfluous(world, NAME, run);
});

Deno.test("a night that failed is told with its reason", async () => {
  await using world = await CommandWorld.create();
  await using webhook = startWebhook();
  const run = settings(webhook, world);
  const missing = world.url("missing");
  const values = { ...run.values, $REPLICA: missing };
  const { code } = await runExample(world, NAME, { ...run, values });
  assert.equal(code, 1);
  assert.equal(webhook.posted.length, 1);
  assert.match(webhook.posted[0]!.text, /^Backup of s3:\/\/missing\S*: FAILED\n.*missing/);
});

Deno.test("what gc could not delete is told, after the snapshot that went well", async () => {
  await using world = await CommandWorld.create();
  await using webhook = startWebhook();
  await takeSnapshots(world, [900, 800, 2], { legalHold: "ON" });
  const { code } = await runExample(world, NAME, settings(webhook, world));
  assert.equal(code, 3);
  assert.match(
    webhook.posted[0]!.text,
    /done in part\nSnapshot .*\ngc dropped .*\n\d versions could not/,
  );
});

Deno.test("where Slack is not told, the script fails, and its secret URL stays secret", async () => {
  await using world = await CommandWorld.create();
  const gone = startWebhook();
  await gone[Symbol.asyncDispose]();
  await using refusing = startWebhook(404);
  for (const webhook of [gone, refusing]) {
    const { code, stdout, stderr } = await runExample(world, NAME, settings(webhook, world));
    assert.equal(code, 1);
    assert.match(stdout, /: done\n/);
    assert.match(stderr, /^Slack was not told: /);
    assert.doesNotMatch(stdout + stderr, /SECRET/);
  }
});

Deno.test("without a webhook or with too few arguments nothing is done", async () => {
  await using world = await CommandWorld.create();
  await using webhook = startWebhook();
  const run = settings(webhook, world);
  for (const wrong of [{ ...run, env: {} }, { ...run, args: ["s3://photos"] }]) {
    const { code, stderr } = await runExample(world, NAME, wrong);
    assert.equal(code, 2);
    assert.match(stderr, /^usage: /);
  }
  assert.deepEqual(webhook.posted, []);
});
