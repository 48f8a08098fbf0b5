import assert from "node:assert/strict";
import { AWKWARD_KEYS } from "./awkward_keys.ts";
import { documentedFlags, documentedValue, runCommand } from "./command.ts";
import { type TestServer, testServer } from "./s3_server.ts";
import { each, TestBucket } from "./test_bucket.ts";

/** Runs the command on a bucket, under the documented permissions. */
async function commandOn(server: TestServer, name: string, store: string) {
  const source = `s3://${name}?region=${server.region}&endpoint=${server.endpoint}`;
  const values: Record<string, string> = {
    STORE: store,
    S3: new URL(server.endpoint).host,
    SDK: await documentedValue("SDK"),
  };
  const env = {
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  };
  return async (...args: string[]) => {
    const flags = await documentedFlags(args[0]!);
    const allow = flags.map((flag) => flag.replace(/\$(\w+)/, (_, value) => values[value]!));
    const bucket = args[0] === "list-snapshots" || args[0] === "ls" ? [] : ["--source", source];
    const { code, stdout, stderr } = await runCommand(
      [...args, ...bucket, "--store", store, "--json", "-q"],
      { allow, env },
    );
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    return stdout.trim().split("\n").map((line) => JSON.parse(line));
  };
}

Deno.test("the command takes a snapshot, brings it back, and collects it", async () => {
  await using server = await testServer();
  const name = server.bucketName("cli-cycle");
  await using bucket = await TestBucket.create(server, name);
  const store = await Deno.makeTempDir();
  try {
    const run = await commandOn(server, name, store);
    const keys = [...AWKWARD_KEYS, ...Array.from({ length: 50 }, (_, i) => `plain/${i}`)];
    await each(keys, (key) => bucket.put(key, { body: key, tags: { of: "first" } }));
    const [{ id, objects }] = await run("snapshot", "--label", "first");
    assert.equal(objects, keys.length);
    const before = await bucket.contents();

    await each(keys.slice(0, 20), (key) => bucket.put(key, "overwritten"));
    await each(keys.slice(20, 40), (key) => bucket.remove(key));
    await bucket.put("stray", "x");
    const [report] = await run("restore", "latest", "--delete");
    assert.deepEqual(
      [report.snapshot, report.unchanged, report.deleted, report.failed],
      [id, keys.length - 40, 1, []],
    );
    assert.equal(report.copied + report.undeleted, 40);
    assert.deepEqual(await bucket.contents(), before);
    const [again] = await run("restore", id, "--delete");
    assert.deepEqual([again.unchanged, again.copied], [keys.length, 0]);

    const entries = await run("ls", id);
    assert.deepEqual(entries.map(({ key }) => key).sort(), [...keys].sort());
    await run("snapshot");
    const [{ expired, versionsDeleted }] = await run("gc", "--keep-last", "1");
    assert(expired.includes(id) && versionsDeleted > 0);
    const [rows] = await run("list-snapshots");
    assert(!rows.some((row: { id: string }) => row.id === id));
    assert.deepEqual(await bucket.contents(), before);
  } finally {
    await Deno.remove(store, { recursive: true });
  }
});
