import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { versionAt } from "../lib/model/entry_batch.ts";
import { scanVersionPage } from "../lib/s3/scan_version_page.ts";
import { runs, SEED, seededRandom } from "./seed.ts";
import { parseSlowly, type SlowPage } from "./slow_version_page.ts";

const encoder = new TextEncoder();

function scan(bytes: Uint8Array): SlowPage | undefined {
  const page = scanVersionPage([bytes]);
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

/** Pages of many entries that are written alike but for their texts, as real servers write them. */
const longPage = page.map((page) => ({ ...page, isUniform: true })).chain((page) =>
  fc.array(version, { minLength: 20, maxLength: 60 }).map((versions) => ({ ...page, versions }))
);

Deno.test("entries that are written alike are read as they would be one by one", () => {
  fc.assert(
    fc.property(longPage, (page) => {
      const bytes = write(page);
      const scanned = scan(bytes);
      assert.deepEqual(scanned?.versions, expected(page));
      assert.deepEqual(scanned, parseSlowly(bytes));
    }),
    runs(60),
  );
});

Deno.test("a page is the same in however many pieces it comes", () => {
  fc.assert(
    fc.property(longPage, fc.array(fc.nat(40_000)), (page, cuts) => {
      const bytes = write(page);
      const ends = [...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
      const pieces = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
      assert.deepEqual(scanVersionPage(pieces), scanVersionPage([bytes]));
    }),
    runs(30),
  );
});

/** An entry as AWS writes it, and one as an S3-compatible server does. */
const ENTRIES = [
  "<Version><Key>a/b%2Bc+d</Key><VersionId>3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY</VersionId>" +
  "<IsLatest>true</IsLatest><LastModified>2024-02-29T23:59:59.000Z</LastModified>" +
  "<ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag><Size>434234</Size>" +
  "<StorageClass>STANDARD</StorageClass></Version>",
  '<Version><ETag>"d41d8cd98f00b204e9800998ecf8427e-12"</ETag><IsLatest>false</IsLatest>' +
  "<Key>k</Key><LastModified>1999-12-31T00:00:00Z</LastModified><Size>0</Size></Version>",
  "<DeleteMarker><Key>\u00e9%20</Key><VersionId>null</VersionId><IsLatest>true</IsLatest>" +
  "<LastModified>2100-03-01T10:20:30.123456Z</LastModified><Owner><ID>x</ID></Owner></DeleteMarker>",
];
const NEAR_MISSES = "<>&;/%+\"' \n=0129:TZtfgG-.x\0\x7f\x80\xff";

Deno.test("an entry is read alike after one that is written like it, whichever byte of it changes", () => {
  const head = encoder.encode(
    "<ListVersionsResult><IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>",
  );
  const tail = encoder.encode("</ListVersionsResult>");
  let taken = 0, total = 0;
  for (const text of ENTRIES) {
    const entry = encoder.encode(text);
    const page = new Uint8Array([...head, ...entry, ...entry, ...entry, ...tail]);
    const second = head.length + entry.length;
    for (let at = second; at < second + entry.length; at++) {
      for (const character of NEAR_MISSES) {
        const changed = page.slice();
        changed[at] = character.charCodeAt(0);
        const scanned = scan(changed);
        assert.deepEqual(scanned, parseSlowly(changed), new TextDecoder().decode(changed));
        total++;
        if (scanned) taken++;
      }
    }
  }
  assert.ok(taken > 0 && taken < total, "the changes test nothing");
});

const NEAR_TEXTS: Readonly<Record<string, readonly string[]>> = {
  Key: [
    "%",
    "a%",
    "%4",
    "a%4",
    "%41",
    "%4g",
    "%g4",
    "%%41",
    "+",
    "a,b",
    "%26amp;",
    "&amp;%41",
    "x&#37;41",
  ],
  Size: [
    "-1",
    "1e3",
    "007",
    "999999999999999",
    "1000000000000000",
    "9007199254740991",
    "9007199254740992",
  ],
  IsLatest: ["True", "tru", "truee", "fals", "falsee", "0"],
  ETag: [
    '"',
    '""',
    '"a',
    'a"',
    "&quot;",
    "&quot;&quot;",
    "&quot;a",
    "a&quot;",
    "&quot;a&amp;b&quot;",
    '&quot;a"',
    "a b",
  ],
  LastModified: [
    ...[
      "T24:00:00Z",
      "T23:60:00Z",
      "T23:59:60Z",
      "T23:59:59.Z",
      "T1:00:00Z",
      "T00:00:00",
      "T00:00:00.1Z",
    ],
    ...["T00:00:00.12Z", "T00:00:00.1239Z", "T00:00:00.12x9Z", "T00:00:00+01Z", "T00-00-00Z"],
  ].map((time) => `2026-11-26${time}`).concat(
    [
      ...["2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32", "2026-04-31", "2026-02-29"],
      ...["2024-02-29", "2000-02-29", "1900-02-29", "0099-01-01", "0100-01-01", "9999-12-31"],
    ].map((date) => `${date}T01:02:03Z`),
  ),
};

Deno.test("what is nearly a text is read alike after an entry that is written like it", () => {
  for (const isEncoded of [true, false]) {
    for (const [name, texts] of Object.entries(NEAR_TEXTS)) {
      for (const text of texts) {
        for (const entry of ENTRIES) {
          const near = entry.replace(new RegExp(`(?<=<${name}>)[^<]*`), () => text);
          const page = pageOf(entry + entry + near + entry, isEncoded);
          assert.deepEqual(scan(page), parseSlowly(page), near);
        }
      }
    }
  }
});

function pageOf(entries: string, isEncoded = false): Uint8Array {
  const encoding = isEncoded ? "<EncodingType>url</EncodingType>" : "";
  const head = `<IsTruncated>false</IsTruncated>${encoding}`;
  return encoder.encode(`<ListVersionsResult>${head}${entries}</ListVersionsResult>`);
}

Deno.test("a page of the shortest entries has room for all of them", () => {
  const entry = "<Version><Key>a</Key><LastModified>2026-11-26T00:00:00Z</LastModified>" +
    "<Size>1</Size></Version>";
  const marker = "<DeleteMarker><Key>a</Key><LastModified>2026-11-26T00:00:00Z</LastModified>" +
    "</DeleteMarker>";
  for (const text of [entry, marker]) {
    const page = pageOf(text.repeat(5000));
    assert.equal(scan(page)?.versions.length, 5000);
  }
});

Deno.test("sixteen and more storage classes on a page are told apart", () => {
  const classes = Array.from({ length: 40 }, (_, i) => `CLASS_${i % 20}`);
  const page = classes.map((name) =>
    "<Version><Key>a</Key><LastModified>2026-11-26T00:00:00Z</LastModified><Size>1</Size>" +
    `<StorageClass>${name}</StorageClass></Version>`
  );
  const scanned = scan(pageOf(page.join("")));
  assert.deepEqual(scanned?.versions.map(({ storageClass }) => storageClass), classes);
});
