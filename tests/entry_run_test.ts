import assert from "node:assert/strict";
import { EntryRun, FIELDS, learnLayout } from "../lib/s3/entry_run.ts";
import { placePage } from "../lib/s3/page_memory.ts";

const encoder = new TextEncoder();
const { KEY, LAST_MODIFIED, SIZE } = FIELDS;

function entry(key: string, size: string): string {
  return `<Version><Key>${key}</Key><LastModified>2026-11-26T00:00:00Z</LastModified>` +
    `<Size>${size}</Size></Version>`;
}

/** Makes the layout of {@linkcode entry} known, as the reader of single entries does. */
function learn(): void {
  const bytes = encoder.encode(entry("k", "1"));
  const text = new TextDecoder().decode(bytes);
  const find = (tag: string, field: number) => {
    const at = text.indexOf(`<${tag}>`) + tag.length + 2;
    return { at, end: text.indexOf("<", at), field };
  };
  const texts = [find("Key", KEY), find("LastModified", LAST_MODIFIED), find("Size", SIZE)];
  learnLayout({ bytes, start: 0, end: bytes.length, kind: 0, texts });
}

function open(page: string): EntryRun {
  const run = new EntryRun(placePage([encoder.encode(page)]), false);
  run.learnClass(encoder.encode("STANDARD"), 0, true);
  return run;
}

Deno.test("a run goes on as far as entries are written alike, over white space, and tells why it ended", () => {
  learn();
  const alike = entry("a", "1") + "\n  " + entry("bb", "22") + entry("c", "333");
  const other = entry("d", "4").replace("</Version>", "<Owner/></Version>");
  const run = open(alike + other);
  assert.equal(run.read(0, 0), true);
  assert.deepEqual([run.at, run.rows], [alike.length, 3]);
});

Deno.test("a run ends before a text that is no plain one, and its layout stays known", () => {
  learn();
  for (const [key, size] of [["a&amp;b", "1"], ["a", "1e3"], ["a", "12345678901234567890"]]) {
    const run = open(entry("a", "1") + entry(key!, size!) + entry("c", "1"));
    assert.equal(run.read(0, 0), false, key);
    assert.deepEqual([run.at, run.rows], [entry("a", "1").length, 1]);
  }
});

Deno.test("entries without a class wait until its index is known", () => {
  learn();
  const run = new EntryRun(placePage([encoder.encode(entry("a", "1"))]), false);
  assert.equal(run.read(0, 0), false);
  run.learnClass(encoder.encode("STANDARD"), 0, true);
  run.read(0, 0);
  assert.equal(run.rows, 1);
});

Deno.test("a run never goes on into what is left of the page before", () => {
  learn();
  const page = entry("a", "1").repeat(3);
  for (let length = 0; length < page.length; length++) {
    open(page);
    const run = open(page.slice(0, length));
    run.read(0, 0);
    const whole = Math.floor(length / entry("a", "1").length);
    assert.deepEqual([run.rows, run.at], [whole, whole * entry("a", "1").length]);
  }
});

Deno.test("a run writes no more rows than there is room for", () => {
  const bytes = encoder.encode("<V>k</V>");
  const texts = [{ at: 3, end: 4, field: KEY }];
  learnLayout({ bytes, start: 0, end: bytes.length, kind: 0, texts });
  const run = open("<V>k</V>".repeat(80));
  run.read(0, 0);
  assert.equal(run.rows, 80 * 8 / 64);
});
