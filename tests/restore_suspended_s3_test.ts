import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { restore, type RestoreOptions } from "../lib/restore.ts";
import { snapshot } from "../lib/snapshot.ts";
import { testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

const delay = () => Promise.resolve();

/** A bucket whose objects were deleted while versioning was suspended: its markers are `null`. */
async function suspended(hint: string, keys: readonly string[]) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await testServer());
  const bucket = stack.use(await TestBucket.create(server, server.bucketName(hint)));
  const store = stack.use(openMemoryStore());
  for (const key of keys) await bucket.put(key, `body of ${key}`);
  await snapshot({ bucket: bucket.handle, store, delay });
  await bucket.setVersioning("Suspended");
  for (const key of keys) await bucket.remove(key);
  const markers = (await bucket.versions()).filter(({ isDeleteMarker }) => isDeleteMarker);
  assert.deepEqual(markers.map(({ versionId }) => versionId), keys.map(() => "null"));
  const options: RestoreOptions = {
    ...{ store, snapshot: "latest", target: bucket.handle, safetySnapshot: false, delay },
  };
  return { bucket, options, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

Deno.test("what is written in the place of a null delete marker survives the restore", async () => {
  await using given = await suspended("suspended", ["a", "b"]);
  const { bucket, options } = given;
  const onPlan = async () => void await bucket.put("a", "written after the plan");
  const report = await restore({ ...options, onPlan });
  assert.deepEqual(report.failed.map(({ key, code }) => `${key} ${code}`), ["a TargetChanged"]);
  assert.deepEqual([report.copied, report.undeleted], [1, 0]);
  assert.equal((await bucket.read("a")).body, "written after the plan");
  assert.equal((await bucket.read("b")).body, "body of b");
});

Deno.test("null delete markers stay where versioning was enabled again, below a copy", async () => {
  await using given = await suspended("enabled-again", ["a"]);
  const { bucket, options } = given;
  await bucket.setVersioning("Enabled");
  const report = await restore({ ...options, safetySnapshot: true });
  assert.deepEqual([report.copied, report.undeleted, report.failed], [1, 0, []]);
  assert.deepEqual(
    (await bucket.versions()).map(({ versionId }) => versionId === "null"),
    [false, true, false],
  );
  const again = await restore(options);
  assert.deepEqual([again.unchanged, again.copied], [1, 0]);
});
