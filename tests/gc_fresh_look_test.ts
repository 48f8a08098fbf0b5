import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import type { Candidate } from "../lib/gc/candidates.ts";
import { lookAgain } from "../lib/gc/fresh_look.ts";
import type { Replica } from "../lib/gc/replica.ts";
import { keyBefore } from "../lib/s3/key_before.ts";
import type { ObjectVersion } from "../lib/model/entry.ts";
import { compareKeys } from "../lib/model/key_order.ts";
import { batchesOf, version } from "./entry_batches.ts";
import { FakeTime } from "./fake_time.ts";
import { runs } from "./seed.ts";
import { ModelBucket } from "./simulation/model_bucket.ts";

const { signal } = new AbortController();
const key = fc.string({ unit: "binary", minLength: 1, maxLength: 6 });

Deno.test("the text before a key sorts before it, and hardly a key lies between", () => {
  fc.assert(
    fc.property(key, fc.array(key), (text, others) => {
      const before = keyBefore(text);
      assert(before.isWellFormed());
      assert(compareKeys(before, text) < 0);
      for (const other of others) {
        if (compareKeys(before, other) >= 0 || compareKeys(other, text) >= 0) continue;
        assert(other.startsWith(before), `${JSON.stringify(other)} is between`);
      }
    }),
    runs(500),
  );
});

Deno.test("the text before a key is no longer than a key may be", () => {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  for (const text of ["x".repeat(1024), "é".repeat(512), "\u{1f600}".repeat(256), "\ue000"]) {
    assert(bytes(keyBefore(text)) <= 1024);
    assert(compareKeys(keyBefore(text), text) < 0);
  }
  assert.equal(keyBefore("a\0"), "a");
  assert.equal(keyBefore("\ue000"), "\ud7ff\u{10ffff}");
});

function candidateOf(found: Omit<Candidate, "holders" | "live">): Candidate {
  const { key, versionId, size, etag, lastModified } = found;
  return { key, versionId, size, etag, lastModified, holders: [0], live: false };
}

Deno.test("whatever the pages: what is there and not current is found, and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("a", "b", "c", "d", "é", "\u{1f600}"), { maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      fc.func(fc.boolean()),
      async (puts, pageLength, wants) => {
        const bucket = new ModelBucket(new FakeTime());
        bucket.pageLength = pageLength;
        for (const each of puts) bucket.put(each);
        const gone = bucket.put("c");
        bucket.take("c", gone.versionId);
        const wanted = bucket.versions().filter(({ versionId }) => wants(versionId));
        const candidates = [...wanted, gone].map(candidateOf)
          .sort((a, b) => compareKeys(a.key, b.key));
        const doomed = (await Array.fromAsync(lookAgain(bucket, candidates, signal))).flat();
        const ids = (all: readonly { versionId: string }[]) =>
          all.map(({ versionId }) => versionId).sort();
        assert.deepEqual(ids(doomed), ids(wanted.filter(({ isLatest }) => !isLatest)));
      },
    ),
    runs(150),
  );
});

Deno.test("few candidates cost few pages, many no more than one listing", async () => {
  const bucket = new ModelBucket(new FakeTime());
  bucket.pageLength = 10;
  const name = (i: number) => `key ${String(i).padStart(5, "0")}`;
  for (let i = 0; i < 1000; i++) bucket.put(name(i));
  const old = bucket.versions();
  for (let i = 0; i < 1000; i++) bucket.put(name(i));
  let rows = 0;
  bucket.onListed = () => rows++;
  const few = [3, 500, 997].map((i) => candidateOf(old[i]!));
  assert.equal((await Array.fromAsync(lookAgain(bucket, few, signal))).flat().length, 3);
  assert(rows <= 3 * 10, `${rows} rows for 3 candidates`);
  rows = 0;
  const looks = await Array.fromAsync(lookAgain(bucket, old.map(candidateOf), signal));
  assert.equal(looks.flat().length, 1000);
  assert(rows <= 2000, `${rows} rows for a bucket of 2,000 versions`);
  assert(looks.length >= 200 / 16, "what was seen is handed on before it is old");
});

Deno.test("a lone delete marker that has company by now is left, whatever the pages", async () => {
  const marker = { key: "b", versionId: "m", size: 0, etag: "", lastModified: 5 };
  const listed = version({ ...marker, isDeleteMarker: true, isLatest: true });
  const below = version({ key: "b", versionId: "late", lastModified: 3 });
  const next = version({ key: "c", isLatest: true });
  const look = async (...pages: ObjectVersion[][]) => {
    const replica: Replica = {
      ...new ModelBucket(new FakeTime()),
      now: () => Promise.resolve(0),
      deleteVersions: () => Promise.resolve({ failed: [] }),
      listVersions: () => batchesOf(pages),
    };
    const candidates = [{ ...marker, since: 5, isLoneMarker: true }];
    return (await Array.fromAsync(lookAgain(replica, candidates, signal))).flat().length;
  };
  for (const pages of [[[listed]], [[listed, next]], [[listed], [next]]]) {
    assert.equal(await look(...pages), 1);
  }
  const above = version({ key: "b", versionId: "new", lastModified: 7, isLatest: true });
  const covered = { ...listed, isLatest: false };
  for (
    const pages of [[[listed, below]], [[listed], [below, next]], [[above, covered]], [[next]], []]
  ) assert.equal(await look(...pages), 0);
});
