/** Copies whose ETag is no digest, and that a sync must neither make twice nor take for right. */
import assert from "node:assert/strict";
import type { ChecksumAlgorithm } from "npm:@aws-sdk/client-s3@3.1169.0";
import type { Bucket } from "../lib/s3/bucket.ts";
import { failover } from "../lib/failover.ts";
import { sync } from "../lib/sync.ts";
import { openEmulated } from "./emulated_bucket.ts";
import { startEmulator } from "./emulator/emulator.ts";

const delay = () => Promise.resolve();

async function pair() {
  const stack = new AsyncDisposableStack();
  const emulator = stack.use(await startEmulator());
  const open = (name: string) => {
    emulator.createBucket(name, { versioning: "Enabled" });
    return stack.use(openEmulated(emulator, name));
  };
  const source = open("source"), replica = open("replica");
  const run = (dryRun = false) => sync({ source, replica, encryption: "aws:kms", dryRun, delay });
  return { emulator, source, replica, run, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function put(
  bucket: Bucket,
  Key: string,
  Body: string,
  ChecksumAlgorithm?: ChecksumAlgorithm,
) {
  await bucket.request({ operation: "PutObject" }, (client, sdk) => {
    const given = ChecksumAlgorithm ? { ChecksumAlgorithm } : {};
    return client.send(new sdk.PutObjectCommand({ Bucket: bucket.name, Key, Body, ...given }));
  });
}

for (const algorithm of ["SHA256", "SHA1", "CRC64NVME"] as const) {
  Deno.test(`a copy under a KMS key is recognised by its checksum (${algorithm})`, async () => {
    await using given = await pair();
    const { source, replica, run, emulator } = given;
    for (const key of ["a", "b"]) await put(source, key, "same", algorithm);
    const first = await run();
    assert.deepEqual([first.copied, first.etagsChanged], [2, 2]);
    emulator.requests.clear();
    for (const dryRun of [true, false]) {
      const { copied, unchanged, failed } = await run(dryRun);
      assert.deepEqual([copied, unchanged, failed], [0, 2, []]);
    }
    assert.equal(emulator.requests.of("CopyObject").length, 0);
    assert.equal((await failover({ source, replica, delay })).objects, 2);

    await put(source, "a", "else", algorithm);
    const { copied, unchanged } = await run();
    assert.deepEqual([copied, unchanged], [1, 1]);
  });
}

Deno.test("without a checksum that proves it, a copy is made again", async () => {
  await using given = await pair();
  const { source, run, emulator } = given;
  await put(source, "crc", "same", "CRC32");
  emulator.seed("source", [{ key: "none", body: "same" }]);
  await run();
  assert.equal((await run()).copied, 2);
});

Deno.test("what cannot be asked for is not taken for right", async () => {
  await using given = await pair();
  const { source, run, emulator } = given;
  await put(source, "a", "same", "SHA256");
  await run();
  emulator.faults.add({
    kind: "internal-error",
    operation: "HeadObject",
    bucket: "source",
    times: Infinity,
  });
  const { unchanged, failed } = await run();
  assert.deepEqual([unchanged, failed.map(({ code }) => code)], [0, ["HTTP500"]]);
});
