import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { restore } from "../lib/restore.ts";
import { snapshot } from "../lib/snapshot.ts";
import { testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

const delay = () => Promise.resolve();
const MIB = 1024 * 1024;

/** A bucket with lists, a point of it with a public and a private object, and another bucket. */
async function withLists({ lists }: { readonly lists: boolean }) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await testServer());
  const make = async (hint: string, lists: boolean) =>
    stack.use(await TestBucket.create(server, server.bucketName(hint), { lists }));
  const replica = await make("acl-replica", true), target = await make("acl-target", lists);
  const store = stack.use(openMemoryStore());
  await replica.put("private", "text");
  await replica.put("public", "text");
  await replica.putInParts("public-parts", [new Uint8Array(5 * MIB), new Uint8Array(1)]);
  for (const key of ["public", "public-parts"]) await replica.publish(key);
  await snapshot({ bucket: replica.handle, store, delay });
  const buckets = { replica: replica.handle, target: target.handle };
  return {
    server,
    target,
    restore: (acl: boolean) => restore({ store, snapshot: "latest", ...buckets, delay, acl }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("access control lists come along on request", async () => {
  await using given = await withLists({ lists: true });
  const { copied, failed } = await given.restore(true);
  assert.deepEqual([copied, failed], [3, []]);
  assert.deepEqual(await given.target.grants("private"), []);
  assert.deepEqual(await given.target.grants("public"), ["AllUsers READ"]);
  assert.deepEqual(await given.target.grants("public-parts"), ["AllUsers READ"]);
});

Deno.test("without a request, a copy is its owner's alone", async () => {
  await using given = await withLists({ lists: true });
  assert.equal((await given.restore(false)).copied, 3);
  assert.deepEqual(await given.target.grants("public"), []);
  assert.deepEqual(await given.target.grants("public-parts"), []);
});

Deno.test("a bucket without lists refuses the objects that have one, each by name", async () => {
  await using given = await withLists({ lists: false });
  const { copied, failed } = await given.restore(true);
  // The gateway has lists in every bucket.
  const refused = given.server.kind === "rgw" ? [] : ["public", "public-parts"];
  assert.deepEqual(failed.map(({ key }) => key).sort(), refused);
  assert.ok(failed.every(({ code }) => code === "AccessControlListNotSupported"));
  assert.equal(copied, 3 - refused.length);
});
