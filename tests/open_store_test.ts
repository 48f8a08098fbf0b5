import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { openStore } from "../backends/open_store.ts";
import { InputError, StoreError } from "../lib/model/errors.ts";

/** What a user may write, and the store that it names. */
const GOOD: readonly (readonly [string, string])[] = [
  ["/var/backups/photos", "file:///var/backups/photos"],
  ["/var/with space/ä#?%", "file:///var/with%20space/%C3%A4%23%3F%25"],
  ["./backups", pathToFileURL("backups").href],
  ["backups/photos", pathToFileURL("backups/photos").href],
  ["./a:b", pathToFileURL("a:b").href],
  ["file:///var/backups", "file:///var/backups"],
  ["FILE:///var/backups", "FILE:///var/backups"],
  ["file:///var/me@home/x", "file:///var/me@home/x"],
  ["sqlite:///var/backups/photos.db", "sqlite:///var/backups/photos.db"],
  ["s3://bucket/prefix?region=eu-west-1", "s3://bucket/prefix?region=eu-west-1"],
  ["memory:", "memory:"],
  ["memory:name", "memory:name"],
];

for (const [text, url] of GOOD) {
  Deno.test(`openStore understands ${text}`, async () => {
    await using store = await openStore(text);
    assert.equal(store.url, url);
  });
}

Deno.test("openStore refuses what is not there, when it must not be made", async () => {
  const dir = await Deno.makeTempDir();
  for (const url of [`file://${dir}/x`, `sqlite://${dir}/x`, `${dir}/x/y`]) {
    await assert.rejects(
      openStore(url, { create: false }),
      (error) => error instanceof StoreError && error.code === "NotFound",
    );
    await using store = await openStore(url);
    assert.deepEqual(await Array.fromAsync(store.list()), []);
  }
  await Deno.writeTextFile(`${dir}/file`, "");
  for (const url of [dir, `sqlite://${dir}/file`, "memory:", "s3://bucket?region=x"]) {
    await using store = await openStore(url, { create: false });
    assert.ok(store.url);
  }
  await Deno.remove(dir, { recursive: true });
});

/** What is refused, and what the message must say. */
const BAD: readonly (readonly [string, RegExp])[] = [
  ["", /empty: name a directory or a URL/],
  ["~", /"~", which is not expanded/],
  ["~/backups", /write the home directory in full/],
  ["gs://bucket", /no driver opens "gs:" stores; known: file:, memory:, s3:, sqlite:/],
  ["constructor://x", /no driver opens "constructor:"/],
  ["file://host/path", /names no local directory/],
  ["file:///path?sync=false", /takes no query/],
  ["file:///path#x", /takes no query and no fragment/],
  ["sqlite:relative.db", /write sqlite:\/\/\/absolute\/path\.db/],
  ["sqlite://host/path.db", /names no SQLite file/],
  ["sqlite:///path/", /names no file/],
  ["sqlite:///path.db?mode=ro", /takes no query/],
  ["memory://x/y", /a store in memory is "memory:"/],
  ["s3://bucket?regoin=x", /did you mean region/],
];

for (const [text, message] of BAD) {
  Deno.test(`openStore refuses ${JSON.stringify(text)}`, async () => {
    await assert.rejects(
      async () => await openStore(text),
      (error) => error instanceof InputError && message.test(error.message),
    );
  });
}

const WITH_CREDENTIALS: readonly string[] = [
  "s3://AKIAHUSH:hush@bucket/prefix",
  "s3://AKIAHUSH@bucket/prefix",
  "gs://user:hush@bucket",
  "file://user:hush@/path",
  "s3://bucket?accessKey=hush",
  "s3://bucket?access-key-id=hush",
  "s3://bucket?region=x&secretAccessKey=hush",
  "s3://bucket?sessionToken=hush",
  "s3://bucket?X-Amz-Signature=hush",
  "s3://bucket?%70assword=hush",
  "s3://bucket?endpoint=https://user:hush@host",
  "plugin:name#token=hush",
  "plugin:name?authorization=hush",
];

for (const url of WITH_CREDENTIALS) {
  Deno.test(`openStore refuses the credentials in ${url}, and does not repeat them`, async () => {
    await assert.rejects(async () => await openStore(url), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /holds credentials/);
      assert.doesNotMatch(error.message, /hush/i);
      return true;
    });
  });
}
