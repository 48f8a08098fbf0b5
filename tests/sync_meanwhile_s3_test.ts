/** A source that is written to, and a replica that is brought up to date by others, while sync runs. */
import assert from "node:assert/strict";
import type { RestoreReport } from "../lib/restore/restore_report.ts";
import { pause } from "../lib/s3/pause.ts";
import { sync as syncAfterWait, type SyncOptions } from "../lib/sync.ts";
import { S3Proxy } from "./s3_proxy.ts";
import { testServer } from "./s3_server.ts";
import { TestBucket, type TestBucketOptions } from "./test_bucket.ts";

const delay = () => Promise.resolve();
type Meddle = () => Promise<unknown>;

/** What sync does to the replica when others begin to write; by then the source was listed. */
const LISTING = /^GET .*[?&]versions/;
const DELETION = /^POST .*[?&]delete/;

/** Two buckets, and a sync during which others write. */
async function contested(options: TestBucketOptions = {}) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await testServer());
  const source = stack.use(await TestBucket.create(server, server.bucketName("source"), options));
  const replica = stack.use(await TestBucket.create(server, server.bucketName("replica")));
  const proxy = stack.use(await S3Proxy.start(server.endpoint));
  const handleOf = ({ handle }: TestBucket) =>
    stack.use(TestBucket.open({ ...server, endpoint: proxy.endpoint }, handle.name)).handle;
  const handles = { source: handleOf(source), replica: handleOf(replica) };
  const sync = (more: Partial<SyncOptions> = {}) => syncAfterWait({ ...handles, delay, ...more });
  return {
    source,
    replica,
    sync,
    syncDuring: async (at: RegExp, meddle: Meddle, more?: Partial<SyncOptions>) => {
      let isBegun = false;
      proxy.hooks = {
        before: async ({ path, method }) => {
          const isIt = path.startsWith(`/${replica.handle.name}`) && at.test(`${method} ${path}`);
          if (isBegun || !isIt) return;
          isBegun = true;
          await meddle();
        },
      };
      const report = await sync(more);
      assert(isBegun);
      return report;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function failures({ failed }: RestoreReport): string[] {
  return failed.map(({ key, code }) => `${key} ${code}`).sort();
}

async function bodies(bucket: TestBucket): Promise<Record<string, string>> {
  return Object.fromEntries([...await bucket.contents()].map(([key, { body }]) => [key, body]));
}

for (const versioning of ["Enabled", "Unversioned"] as const) {
  Deno.test(`what came back in the source after its listing stays in the replica (${versioning})`, async () => {
    await using given = await contested({ versioning });
    const { source, replica } = given;
    for (const key of ["again", "gone", "other"]) await replica.put(key, "old");
    await source.put("z", "x");
    const report = await given.syncDuring(LISTING, async () => {
      await source.put("again", "old");
      await source.put("other", "new");
    });
    assert.deepEqual(failures(report), ["other SourceChanged"]);
    assert.deepEqual([report.deleted, report.extra], [1, 1]);
    assert.deepEqual(await bodies(replica), { again: "old", other: "old", z: "x" });
    assert.deepEqual(failures(await given.sync()), []);
    assert.deepEqual(await bodies(replica), await bodies(source));
  });

  Deno.test(`a key that comes back while it is being deleted is told (${versioning})`, async () => {
    await using given = await contested({ versioning });
    const { source, replica } = given;
    await replica.put("again", "old");
    await source.put("z", "x");
    const report = await given.syncDuring(DELETION, async () => {
      await source.put("again", "old");
      await replica.put("again", "old");
    });
    assert.deepEqual(failures(report), ["again SourceChanged"]);
    assert.match(report.failed[0]!.message, /came back in .* while .*: sync again/);
    assert.deepEqual(failures(await given.sync()), []);
    assert.deepEqual(await bodies(replica), await bodies(source));
  });
}

Deno.test("what another sync or S3 brought meanwhile is neither deleted nor set back", async () => {
  await using given = await contested();
  const { source, replica } = given;
  for (const key of ["changed", "twice"]) await source.put(key, "old");
  await given.sync();
  for (const key of ["changed", "twice"]) await source.put(key, "newer");
  const report = await given.syncDuring(LISTING, async () => {
    await source.put("changed", "newest");
    await source.put("added", "x");
    await source.put("twice", "newest");
    await given.sync();
    await source.put("twice", "still newer");
  }, { delay: pause });
  assert.deepEqual(failures(report), ["twice SourceChanged"]);
  assert.deepEqual([report.copied, report.deleted, report.unchanged, report.extra], [0, 0, 1, 1]);
  assert.deepEqual(await bodies(replica), { added: "x", changed: "newest", twice: "newest" });
});
