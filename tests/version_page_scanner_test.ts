import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "npm:fast-check@4.10.2";
import { versionAt } from "../lib/model/entry_batch.ts";
import { Markup } from "../lib/s3/markup.ts";
import { VersionPageScanner } from "../lib/s3/scan_version_page.ts";
import { runs, SEED, seededRandom } from "./seed.ts";
import { parseSlowly, type SlowPage } from "./slow_version_page.ts";

const scanner = new VersionPageScanner();
const encoder = new TextEncoder();

function scan(bytes: Uint8Array): SlowPage | undefined {
  const page = scanner.scan(bytes);
  if (!page) return undefined;
  const { batch, ...head } = page;
  return { versions: Array.from({ length: batch.length }, (_, i) => versionAt(batch, i)), ...head };
}

/** An XML text, with its entities in one of the ways that are allowed. */
function escapeXml(text: string, pick: (count: number) => number): string {
  return text.replace(/[&<>"']|./gsu, (character) => {
    const code = character.codePointAt(0)!;
    const named = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };
    if (!/[&<]/.test(character) && pick(8) > 0) return character;
    const forms = [
      `&#${code};`,
      `&#x${code.toString(16)};`,
      `&#x${code.toString(16).toUpperCase()};`,
    ];
    if (Object.hasOwn(named, character)) forms.push(named[character as keyof typeof named]);
    return code === 0 ? character : forms[pick(forms.length)]!;
  });
}

const awkwardText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }).filter((text) => !text.includes("\0")),
  fc.constantFrom(
    "a b+c%41",
    "<&>\"'",
    "\u{1F600}\uFFFD",
    "..",
    "/a",
    "%",
    "+",
    "é\n\r\t",
    "&amp;",
  ),
);

const version = fc.record({
  key: awkwardText.filter((key) => key !== ""),
  versionId: fc.oneof(fc.constantFrom("null", ""), fc.stringMatching(/^[0-9A-Za-z._-]{31,32}$/)),
  size: fc.oneof(fc.nat(), fc.constantFrom(0, 5 * 1024 ** 4, Number.MAX_SAFE_INTEGER)),
  etag: fc.oneof(fc.stringMatching(/^[0-9a-f]{32}(-[1-9][0-9]?)?$/), fc.constant(""), awkwardText),
  quotes: fc.constantFrom('"', ""),
  time: fc.date({ min: new Date("1971-01-01"), max: new Date("2200-01-01"), noInvalidDate: true }),
  fraction: fc.constantFrom("", ".000", ".7", ".123456789"),
  storageClass: fc.constantFrom("STANDARD", "GLACIER", "STANDARD_IA", ""),
  isLatest: fc.boolean(),
  isDeleteMarker: fc.boolean(),
  hasOwner: fc.boolean(),
});

const page = fc.record({
  versions: fc.array(version, { maxLength: 8 }),
  isEncoded: fc.boolean(),
  /** Whether all entries are written alike, as real servers do. */
  isUniform: fc.boolean(),
  isTruncated: fc.boolean(),
  nextKeyMarker: awkwardText,
  declaration: fc.constantFrom("", '<?xml version="1.0" encoding="UTF-8"?>\n', "\ufeff"),
  indent: fc.constantFrom("", "\n  "),
  seed: fc.nat(),
});
type Page = typeof page extends fc.Arbitrary<infer T> ? T : never;

/** A page as some server might write it: any order of elements, unknown ones among them. */
function write(page: Page): Uint8Array {
  const random = seededRandom(page.seed);
  const pick = (count: number) => Math.floor(random() * count);
  const vary = page.isUniform ? () => 1 : pick;
  const shuffled = <T>(items: T[]) =>
    items.map((item, i) => ({ item, at: page.isUniform ? i : random() }))
      .sort((a, b) => a.at - b.at).map(({ item }) => item);
  const element = (name: string, text: string) => {
    if (text === "" && vary(2) === 0) return `<${name}/>`;
    return `<${name}${vary(9) === 0 ? " a='>' b=\"/\"" : ""}>${text}</${name}${
      pick(9) ? "" : " "
    }>`;
  };
  const encode = (key: string) => {
    if (!page.isEncoded) return escapeXml(key, pick);
    const encoded = encodeURIComponent(key).replaceAll("%20", pick(2) ? "+" : "%20");
    return escapeXml(
      pick(2) ? encoded : encoded.toLowerCase().includes("%") ? encoded : encoded,
      pick,
    );
  };
  const entry = (v: Page["versions"][number]) => {
    const iso = v.time.toISOString().replace(/\.\d+Z$/, `${v.fraction}Z`);
    const fields = [
      element("Key", encode(v.key)),
      element("VersionId", v.versionId),
      element("IsLatest", String(v.isLatest)),
      element("LastModified", iso),
      element("StorageClass", v.storageClass),
      element("Unknown", vary(2) ? "a & b" : "<Deeper>x<Key/></Deeper>y"),
    ];
    if (!v.isDeleteMarker) fields.push(element("Size", String(v.size)));
    fields.push(element("ETag", escapeXml(v.quotes + v.etag + v.quotes, pick)));
    if (v.hasOwner) fields.push("<Owner><ID>75aa</ID><DisplayName/></Owner>");
    const name = v.isDeleteMarker ? "DeleteMarker" : "Version";
    return `<${name}>${shuffled(fields).join(page.indent)}${page.indent}</${name}>`;
  };
  const head = [
    element("Name", "bucket"),
    element("IsTruncated", String(page.isTruncated)),
    element("NextKeyMarker", escapeXml(page.nextKeyMarker, pick)),
    element("NextVersionIdMarker", "v1"),
    element("CommonPrefixes", "<Prefix>a/</Prefix>"),
    ...(page.isEncoded ? [element("EncodingType", "url")] : []),
  ];
  const body = [...shuffled(head)];
  let at = 0;
  for (const v of page.versions) body.splice(at += pick(body.length - at + 1), 0, entry(v)), at++;
  const root = '<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">';
  return encoder.encode(
    `${page.declaration}${root}${page.indent}${body.join(page.indent)}${page.indent}` +
      `</ListVersionsResult>\n`,
  );
}

function expected(page: Page): SlowPage["versions"] {
  return page.versions.map((v) => ({
    key: v.key,
    versionId: v.versionId || "null",
    size: v.isDeleteMarker ? 0 : v.size,
    etag: v.isDeleteMarker
      ? ""
      : (v.quotes + v.etag + v.quotes).replace(/^"/, "").replace(/"$/, ""),
    lastModified: Date.UTC(
      v.time.getUTCFullYear(),
      v.time.getUTCMonth(),
      v.time.getUTCDate(),
      v.time.getUTCHours(),
      v.time.getUTCMinutes(),
      v.time.getUTCSeconds(),
    ) + Number(v.fraction.slice(1, 4).padEnd(3, "0")),
    storageClass: v.storageClass || "STANDARD",
    isDeleteMarker: v.isDeleteMarker,
    isLatest: v.isLatest,
  }));
}

Deno.test("every valid page is read as it was written, in its order", () => {
  fc.assert(
    fc.property(page, (page) => {
      const bytes = write(page);
      const scanned = scan(bytes);
      assert.deepEqual(scanned?.versions, expected(page));
      assert.deepEqual(scanned, parseSlowly(bytes));
    }),
    runs(300),
  );
});

Deno.test("no beginning of a page is taken for a page", () => {
  fc.assert(
    fc.property(page, (page) => {
      const bytes = write(page);
      const end = bytes.lastIndexOf(0x3e);
      for (let length = 0; length <= end; length++) {
        assert.equal(scan(bytes.subarray(0, length)), undefined);
      }
    }),
    runs(4),
  );
});

Deno.test("damaged bytes never make the scanner see what a plain parser does not", () => {
  const random = seededRandom(SEED);
  let refused = 0, total = 0;
  fc.assert(
    fc.property(page, (page) => {
      const bytes = write(page);
      for (let i = 0; i < 60; i++) {
        const damaged = bytes.slice();
        const flips = 1 + Math.floor(random() * 3);
        for (let flip = 0; flip < flips; flip++) {
          const at = Math.floor(random() * bytes.length);
          const special = "<>&;/%+\"' \n=0a";
          damaged[at] = random() < 0.5
            ? Math.floor(random() * 256)
            : special.charCodeAt(Math.floor(random() * special.length));
        }
        const scanned = scan(damaged);
        assert.deepEqual(scanned, parseSlowly(damaged));
        total++;
        if (scanned === undefined) refused++;
      }
    }),
    runs(60),
  );
  assert.ok(refused > 0 && refused < total, "the damage tests nothing");
});

Deno.test("markup taken from a Buffer, whose slice() copies nothing, is what stands there", () => {
  const page = Buffer.from("<Key>a</Key><Size>1</Size>");
  const markup = new Markup(page.subarray(6, 18));
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  assert.deepEqual([0, 5, 6, 7].map((at) => markup.isAt(view, at)), [false, false, true, false]);
  page.fill(0);
  assert.equal(markup.isAt(view, 6), false);
});
