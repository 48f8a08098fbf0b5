import assert from "node:assert/strict";
import { runCommand } from "./command.ts";
import { CommandWorld } from "./command_world.ts";
import { testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

Deno.test("restore copies an object over 5 GiB in its own parts", async () => {
  await using world = await CommandWorld.create();
  const { server, bucket } = world;
  server.seed(bucket, [{ key: "large", body: 6 * GIB + 1, partSize: GIB }]);
  const original = server.buckets.get(bucket)!.currentObject("large")!;
  assert.equal((await world.run(["snapshot"])).code, 0);
  server.seed(bucket, [{ key: "large", body: "overwritten" }]);
  const { code, stdout } = await world.run(["restore", "latest", "--json"]);
  assert.equal(code, 0);
  const { copied, bytesCopied, etagsChanged } = JSON.parse(stdout);
  assert.deepEqual([copied, bytesCopied, etagsChanged], [1, 6 * GIB + 1, 0]);
  assert.equal(server.buckets.get(bucket)!.currentObject("large")!.etag, original.etag);
  assert.equal(server.requests.count("UploadPartCopy"), 7);
});

Deno.test("above the limit that is given, restore copies in parts on any server", async () => {
  await using server = await testServer();
  const name = server.bucketName("cli-large");
  await using bucket = await TestBucket.create(server, name);
  const store = await Deno.makeTempDir();
  const env = {
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  };
  const source = `s3://${name}?region=${server.region}&endpoint=${server.endpoint}`;
  const run = (...args: string[]) =>
    runCommand([...args, "--source", source, "--store", store, "--json", "-q"], {
      allow: ["--allow-all"],
      env,
    });
  try {
    await bucket.putInParts("parts", [5, 5, 1].map((n) => new Uint8Array(n * MIB).fill(n)));
    await bucket.put("whole", "x".repeat(6 * MIB));
    const before = await bucket.contents();
    assert.equal((await run("snapshot")).code, 0);
    for (const key of ["parts", "whole"]) await bucket.put(key, "overwritten");
    const { code, stdout, stderr } = await run(
      ...["restore", "latest", "--max-copy-size", String(5 * MIB)],
    );
    assert.equal(code, 0, stderr);
    const { copied, etagsChanged } = JSON.parse(stdout);
    // One that was not uploaded in parts cannot keep its ETag when it has to be copied in parts.
    assert.deepEqual([copied, etagsChanged], [2, 1]);
    assert.deepEqual(await bucket.contents(), before);
    const refused = await run("restore", "latest", "--max-copy-size", "1000");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /use a whole number of bytes, 5242880 or more/);
  } finally {
    await Deno.remove(store, { recursive: true });
  }
});
