/** `init` says of a store in S3 what the first snapshot will find. */
import assert from "node:assert/strict";
import { runCommand } from "./command.ts";
import { testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

Deno.test("init approves a store in a versioned bucket only where snapshot works with it", async () => {
  await using server = await testServer();
  const [source, store] = [server.bucketName("init"), server.bucketName("init-store")];
  await using _bucket = await TestBucket.create(server, source);
  await using _store = await TestBucket.create(server, store, { versioning: "Enabled" });
  const url = (name: string) => `s3://${name}?region=${server.region}&endpoint=${server.endpoint}`;
  const dir = await Deno.makeTempDir();
  try {
    const run = async (...words: string[]) =>
      await runCommand([...words, "--source", url(source), "--store", url(`${store}/points`)], {
        allow: ["--allow-all"],
        cwd: dir,
        env: {
          AWS_ACCESS_KEY_ID: server.accessKeyId,
          AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
        },
      });
    const checked = await run("init");
    const taken = await run("snapshot", "--json", "-q");
    if (server.kind === "rgw") {
      // Ceph's gateway ignores If-None-Match in a versioned bucket.
      assert.equal(checked.code, 1);
      assert.match(checked.stderr, /^FAILED {2}the store .*cannot hold a store/m);
      const { error } = JSON.parse(taken.stderr);
      assert.equal(error.code, "Unsupported");
      assert.match(error.message, /cannot hold a store/);
      assert.doesNotMatch(error.message, /--no-lock/);
    } else {
      assert.equal(checked.code, 0, checked.stderr);
      assert.equal(taken.code, 0, taken.stderr);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
