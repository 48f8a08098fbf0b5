import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { parseGoTime } from "../lib/legacy/go_time.ts";
import { JsonScanner } from "../lib/legacy/json_scanner.ts";
import { scanLegacyFile } from "../lib/legacy/legacy_file.ts";
import { isLegacyName } from "../lib/legacy/legacy_name.ts";
import { readLegacyEntries } from "../lib/legacy/legacy_reader.ts";
import { compareKeys } from "../lib/model/key_order.ts";
import { entriesOf, entry } from "./entry_batches.ts";
import { legacyText, legacyVersion, putLegacy } from "./legacy_files.ts";
import { runs } from "./seed.ts";

const NAME = "20150605152158-0500CDT";

Deno.test("a file of 2015 is read in key order, whatever order it is in", async () => {
  await using store = openMemoryStore();
  const contents = ["b/2", "a", "b/10", "é", "<&>"].map((Key) => legacyVersion({ Key }));
  await putLegacy(store, NAME, legacyText(contents));
  const lastModified = Date.UTC(2015, 5, 4, 6, 19, 56);
  assert.deepEqual(
    await entriesOf(readLegacyEntries(store, NAME)),
    ["<&>", "a", "b/10", "b/2", "é"].map((key) => entry({ key, etag: "", lastModified })),
  );
});

Deno.test("its head counts what it holds", async () => {
  await using store = openMemoryStore();
  const contents = [legacyVersion({ Key: "a", Size: 5 }), legacyVersion({ Key: "b", Size: 7 })];
  await putLegacy(store, `${NAME}.Z`, legacyText(contents));
  assert.deepEqual(await scanLegacyFile(store, `${NAME}.Z`, () => {}), {
    timestamp: Date.UTC(2015, 5, 5, 20, 21, 58, 123),
    objects: 2,
    bytes: 12,
  });
});

Deno.test("members are recognised whatever their case, and others ignored", async () => {
  await using store = openMemoryStore();
  const text = '{"CONTENTS":[{"key":"a","VERSIONID":"x","sIZE":1,"extra":{"a":[1,"]"]},' +
    '"lastmodified":"2015-06-04T06:19:56Z"}],"more":"}","timestamp":"2015-06-05T00:00:00+02:00"}';
  await putLegacy(store, NAME, text);
  assert.deepEqual(await entriesOf(readLegacyEntries(store, NAME)), [
    entry({
      key: "a",
      versionId: "x",
      size: 1,
      etag: "",
      lastModified: Date.UTC(2015, 5, 4, 6, 19, 56),
    }),
  ]);
});

for (const contents of ["null", "[]", "[ ]"]) {
  Deno.test(`a file whose Contents is ${contents} holds nothing`, async () => {
    await using store = openMemoryStore();
    await putLegacy(
      store,
      NAME,
      `{"Timestamp": "2015-06-05T00:00:00Z", "Contents": ${contents}}\n`,
    );
    assert.deepEqual(await entriesOf(readLegacyEntries(store, NAME)), []);
  });
}

Deno.test("any file is read in bounded passes, from any place, under any prefix", async () => {
  const keys = fc.uniqueArray(fc.string({ unit: "binary", minLength: 1, maxLength: 3 }), {
    maxLength: 30,
  });
  const bound = fc.option(fc.string({ unit: "binary", maxLength: 2 }), { nil: undefined });
  const prefix = fc.option(fc.string({ unit: "binary", maxLength: 1 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(
      keys,
      bound,
      prefix,
      fc.integer({ min: 1, max: 9 }),
      async (all, after, under, entriesPerPass) => {
        await using store = openMemoryStore();
        await putLegacy(store, NAME, legacyText(all.map((Key) => legacyVersion({ Key }))));
        const read = readLegacyEntries(store, NAME, { after, prefix: under, entriesPerPass });
        const expected = all.toSorted(compareKeys)
          .filter((key) => key.startsWith(under ?? ""))
          .filter((key) => after === undefined || compareKeys(key, after) > 0);
        assert.deepEqual((await entriesOf(read)).map((found) => found.key), expected);
      },
    ),
    runs(150),
  );
});

Deno.test("a key that comes twice is found though its run of keys is full", async () => {
  await using store = openMemoryStore();
  const contents = ["a", "b", "a"].map((Key) => legacyVersion({ Key }));
  await putLegacy(store, NAME, legacyText(contents));
  const read = readLegacyEntries(store, NAME, { entriesPerPass: 1 });
  await assert.rejects(entriesOf(read), /names the key "a" twice/);
});

Deno.test("the scanner finds the same values wherever its input is cut", () => {
  const elements = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 5 });
  fc.assert(
    fc.property(elements, fc.jsonValue(), fc.integer({ min: 1, max: 7 }), (list, other, size) => {
      const text = JSON.stringify({ other, Contents: list }, null, size % 3);
      const found = scanInPieces(text, size);
      assert.deepEqual(
        found.elements.map((element) => JSON.parse(element)),
        JSON.parse(JSON.stringify(list)),
      );
      assert.deepEqual(found.members.map(([name]) => name), ["other", "Contents"]);
      assert.deepEqual(JSON.parse(found.members[0]![1]), JSON.parse(JSON.stringify(other)));
    }),
    runs(200),
  );
});

function scanInPieces(text: string, size: number) {
  const elements: string[] = [], members: [string, string][] = [];
  const scanner = new JsonScanner("contents", {
    element: (value) => elements.push(value),
    member: (name, value) => members.push([name, value]),
  });
  for (let at = 0; at < text.length; at += size) scanner.push(text.slice(at, at + size));
  scanner.end();
  return { elements, members };
}

Deno.test("a file cut short anywhere is damaged, not shorter", async () => {
  const text = legacyText([legacyVersion({ Key: "a" }), legacyVersion({ Key: "b" })]);
  for (const name of [NAME, `${NAME}.Z`]) {
    await using whole = openMemoryStore();
    await putLegacy(whole, name, text);
    const bytes = await new Response(await whole.get(name)).bytes();
    for (let length = 0; length < bytes.length; length += 7) {
      await using store = openMemoryStore();
      await store.put(name, new Blob([bytes.slice(0, length)]).stream());
      await assert.rejects(entriesOf(readLegacyEntries(store, name)), isCorrupt(name));
    }
  }
});

const DAMAGE: Readonly<Record<string, readonly [string | Uint8Array<ArrayBuffer>, RegExp]>> = {
  "an empty file": ["", /ends after 0 characters/],
  "no JSON": ["hello", /character 0, "hello", should be {/],
  "JSON of something else": ['{"Timestamp":"2015-06-05T00:00:00Z"}', /has no Contents/],
  "no Timestamp": ['{"Contents":[]}', /has no Timestamp/],
  "a Timestamp of another form": [legacyText([], "yesterday"), /Timestamp is "yesterday"/],
  "a Timestamp off the calendar": [legacyText([], "2015-02-30T00:00:00Z"), /Timestamp is/],
  "Contents that are no list": [
    '{"Timestamp":"2015-06-05T00:00:00Z","Contents":{}}',
    /Contents is no list/,
  ],
  "Contents twice": [
    '{"Timestamp":"2015-06-05T00:00:00Z","Contents":[],"contents":[]}',
    /more than one Contents/,
  ],
  "a key twice": [
    legacyText([legacyVersion({ Key: "a" }), legacyVersion({ Key: "a" })]),
    /names the key "a" twice/,
  ],
  "a negative size": [legacyText([legacyVersion({ Key: "a", Size: -1 })]), /Size of "a" is -1/],
  "no version id": [
    legacyText([{ ...legacyVersion({ Key: "a" }), VersionId: undefined } as never]),
    /VersionId of "a" is missing/,
  ],
  "half a surrogate pair": [
    legacyText([legacyVersion({ Key: "x" })]).replace('"x"', '"\\ud83d"'),
    /Key is "\\ud83d"/,
  ],
  "an element that is no object": [
    '{"Timestamp":"2015-06-05T00:00:00Z","Contents":[3]}',
    /element of Contents is 3/,
  ],
  "a comma too many": [
    '{"Timestamp":"2015-06-05T00:00:00Z","Contents":[],}',
    /should be a name in quotes/,
  ],
  "something after the end": [`${legacyText([])}{}`, /should be the end/],
  "bytes that are not UTF-8": [new Uint8Array([0x7b, 0xff]), /damaged/],
};

for (const [what, [text, expected]] of Object.entries(DAMAGE)) {
  Deno.test(`${what} is named as damage`, async () => {
    await using store = openMemoryStore();
    await putLegacy(store, NAME, text);
    await assert.rejects(entriesOf(readLegacyEntries(store, NAME)), (error: Error) => {
      assert.match(error.message, expected);
      return isCorrupt(NAME)(error);
    });
  });
}

Deno.test("a value without end is refused before it fills the memory", () => {
  const scanner = new JsonScanner("contents", { element() {}, member() {} });
  scanner.push('{"File":"');
  assert.throws(() => {
    for (let i = 0; i < 100; i++) scanner.push("x".repeat(1 << 16));
  }, /value without end/);
});

Deno.test("a file named .Z that is not compressed is named as damage", async () => {
  await using store = openMemoryStore();
  const name = `${NAME}.Z`;
  await store.put(name, new Blob([legacyText([])]).stream());
  await assert.rejects(entriesOf(readLegacyEntries(store, name)), isCorrupt(name));
});

Deno.test("a file that is not there is the store's NotFound", async () => {
  await using store = openMemoryStore();
  await assert.rejects(entriesOf(readLegacyEntries(store, NAME)), { code: "NotFound" });
});

Deno.test("an abort while a file is read throws its reason", async () => {
  await using store = openMemoryStore();
  await putLegacy(store, NAME, legacyText([legacyVersion({ Key: "a" })]));
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(entriesOf(readLegacyEntries(store, NAME, { signal })), /enough/);
});

Deno.test("Go's times are read to the millisecond", () => {
  assert.equal(parseGoTime("2015-06-05T15:21:58Z"), Date.UTC(2015, 5, 5, 15, 21, 58));
  assert.equal(parseGoTime("2015-06-05T15:21:58.1Z"), Date.UTC(2015, 5, 5, 15, 21, 58, 100));
  assert.equal(
    parseGoTime("2015-06-05T15:21:58.999999999+05:30"),
    Date.UTC(2015, 5, 5, 9, 51, 58, 999),
  );
  for (const text of ["2015-06-05", "2015-06-05 15:21:58Z", "2015-13-05T15:21:58Z", "x"]) {
    assert.equal(parseGoTime(text), undefined);
  }
});

Deno.test("names of our own files are not taken for files of 2015", () => {
  for (const name of [NAME, `${NAME}.Z`, "20150605202158+0000UTC", "snapshot01"]) {
    assert.ok(isLegacyName(name), name);
  }
  for (const name of ["20261123T011530Z-k3f9/manifest.json", `${NAME}.expired`, "lock/1.json"]) {
    assert.ok(!isLegacyName(name), name);
  }
});

function isCorrupt(name: string): (error: Error & { code?: string }) => true {
  return (error) => {
    assert.equal(error.code, "CorruptSnapshot");
    assert.ok(error.message.includes(name), error.message);
    return true;
  };
}
