import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { restore } from "../lib/restore.ts";
import type { RestoreBatch } from "../lib/restore/restore_batch.ts";
import { textAt } from "../lib/model/entry_batch.ts";
import { copyRequests } from "../lib/s3/copy_requests.ts";
import { thawHours } from "../lib/s3/thaw_hours.ts";
import { snapshot } from "../lib/snapshot.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { TestBucket } from "./test_bucket.ts";

const delay = () => Promise.resolve();
const MIB = 1024 ** 2;

Deno.test("a plan tells the requests that the restore then sends, and bytes for each way", async () => {
  await using emulator = await startEmulator();
  await using bucket = await TestBucket.create({ ...emulator, endpoint: emulator.url }, "bucket");
  await using store = openMemoryStore();
  const keys = ["copy/1", "copy/2", "same", "deleted"];
  for (const key of keys) await bucket.put(key, "12345");
  await bucket.putInParts("parts", [new Uint8Array(5 * MIB), new Uint8Array(7)]);
  await bucket.put("cold", { body: "cold!", storageClass: "GLACIER" });
  await snapshot({ bucket: bucket.handle, store, delay });
  for (const key of ["copy/1", "copy/2", "parts", "cold", "stray"]) await bucket.put(key, "new");
  await bucket.remove("deleted");

  const options = { store, snapshot: "latest", target: bucket.handle, delete: true, delay };
  const seen: string[] = [];
  const onPlan = ({ entries }: RestoreBatch) => {
    for (let row = 0; row < entries.length; row++) seen.push(textAt(entries.keys, row));
  };
  const { plan, archivedByTier } = await restore({ ...options, dryRun: true, onPlan });
  assert.deepEqual(seen, ["cold", "copy/1", "copy/2", "deleted", "parts", "stray"]);
  assert.deepEqual([plan!.copiedFromTarget, plan!.copiedFromReplica], [3, 0]);
  assert.deepEqual(plan!.bytes, {
    unchanged: 5,
    undeleted: 5,
    copiedFromTarget: 10 + 5 * MIB + 7,
    copiedFromReplica: 0,
    deleted: 3,
    extra: 0,
    archived: 5,
  });
  assert.deepEqual(archivedByTier, [{ tier: "GLACIER", objects: 1, bytes: 5 }]);
  assert.ok(plan!.estimatedMs > 0);
  assert.match(plan!.basis, /^with 32 requests at once, of 150 ms each and 85 MB\/s/);

  const before = emulator.requests.count();
  const report = await restore({ ...options, overwriteChanged: true });
  assert.equal(report.plan, null);
  assert.deepEqual(report.archivedByTier, archivedByTier);
  const sent: Record<string, number> = {};
  for (const { operation } of emulator.requests.all.slice(before)) {
    sent[operation] = (sent[operation] ?? 0) + 1;
  }
  const { HeadObject: heads, ListObjectVersions: pages, ...others } = plan!.requests;
  // The safety snapshot's readers also try whether there is more to share.
  assert.ok(sent["ListObjectVersions"]! >= pages! && pages === 2, `${pages} pages`);
  for (const [operation, count] of Object.entries(others)) {
    // The archived object is asked for as well, in vain: it may have been thawed.
    const more = operation === "CopyObject" ? 1 : 0;
    assert.equal(sent[operation], count + more, operation);
  }
  assert.equal(sent["HeadObject"], heads! + 1);
});

Deno.test("a copy takes the requests that its size and its ETag make one think of", () => {
  assert.deepEqual(copyRequests(5 * 1024 ** 3, "0".repeat(32), false), {
    HeadObject: 1,
    CopyObject: 1,
  });
  const large = copyRequests(5 * 1024 ** 3 + 1, "0".repeat(32), false);
  assert.deepEqual([large["HeadObject"], large["CopyObject"], large["UploadPartCopy"]], [
    1,
    undefined,
    41,
  ]);
  const parts = copyRequests(100, `${"0".repeat(32)}-7`, false);
  assert.deepEqual([parts["HeadObject"], parts["UploadPartCopy"]], [8, 7]);
  const streamed = copyRequests(100, `${"0".repeat(32)}-7`, true);
  assert.deepEqual([streamed["GetObject"], streamed["UploadPart"]], [7, 7]);
  assert.deepEqual(copyRequests(1, "0".repeat(32), true)["PutObject"], 1);
});

Deno.test("how soon a thawed version is readable depends on the archive and on the tier", () => {
  assert.equal(thawHours("standard", "GLACIER"), 5);
  assert.equal(thawHours("bulk", "INTELLIGENT_TIERING/ARCHIVE_ACCESS"), 12);
  assert.equal(thawHours("bulk", "INTELLIGENT_TIERING/DEEP_ARCHIVE_ACCESS"), 48);
  assert.equal(thawHours("standard", "INTELLIGENT_TIERING"), 12);
  assert.equal(thawHours("standard", "DEEP_ARCHIVE"), 12);
  assert.ok(thawHours("expedited", "GLACIER") < 1);
});
