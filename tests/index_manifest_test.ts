import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { decodeManifest, encodeManifest } from "../lib/index/manifest_codec.ts";
import { SnapshotError } from "../lib/model/errors.ts";
import type { Manifest, PartInfo, PatchInfo } from "../lib/model/manifest.ts";

const ID = "20261123T011530Z-k3f9";
const STORE = "s3://backups/photos?region=eu-west-1";
const FILE = `s3://backups/photos/${ID}/manifest.json?region=eu-west-1`;

const PART: PartInfo = {
  name: "part-00000",
  firstKey: "a",
  lastKey: "k",
  entries: 10_000,
  size: 560_000,
  sha256: "0123456789abcdef".repeat(4),
  splitKeys: ["e"],
};
const LAST: PartInfo = {
  ...PART,
  name: "part-00002",
  firstKey: "\uff5e\0\n",
  lastKey: "\u{1f600}",
  entries: 2,
  splitKeys: [],
};
const MANIFEST: Manifest = {
  format: 1,
  tool: "backup-my-bucket 0.1.0",
  id: ID,
  createdAt: "2026-11-23T01:15:31.250Z",
  asOf: "2026-11-23T01:15:30Z",
  bucket: { name: "photos", prefix: "", endpoint: "http://127.0.0.1:7480" },
  label: 'größer "\u{1f600}"\n\0',
  safetyFor: "20261122T011530Z-aaaa",
  totals: { objects: 10_002, bytes: 2 ** 60 },
  parts: [PART, LAST],
};

const PATCH: PatchInfo = {
  name: "patch-00000",
  firstKey: "B",
  lastKey: "l",
  entries: 9,
  size: 700,
  sha256: "fedcba9876543210".repeat(4),
  added: 4,
  removed: 3,
};
const PATCHED: Manifest = {
  ...MANIFEST,
  format: 2,
  totals: { objects: 10_003, bytes: 2 ** 60 },
  parts: [{ ...PART, patch: PATCH }, LAST],
};

/** The bytes of any JSON, sealed as a manifest is: written from docs/FORMAT.md. */
function sealed(value: unknown): Uint8Array {
  const open = JSON.stringify(value, undefined, 1).slice(0, -"\n}".length);
  const sum = createHash("sha256").update(open).digest("hex");
  return new TextEncoder().encode(`${open},\n "sha256": "${sum}"\n}\n`);
}

function assertRefused(bytes: Uint8Array, code: string, what: RegExp): void {
  assert.throws(() => decodeManifest(bytes, ID, STORE), (error) => {
    assert.ok(error instanceof SnapshotError, String(error));
    assert.equal(error.code, code, error.message);
    assert.ok(error.message.startsWith(`cannot read ${FILE}: `), error.message);
    assert.match(error.message, what);
    return true;
  });
}

Deno.test("a manifest survives being written and read", () => {
  assert.deepEqual(decodeManifest(encodeManifest(MANIFEST), ID, STORE), MANIFEST);
  assert.deepEqual(encodeManifest(MANIFEST), sealed(MANIFEST));
  assert.deepEqual(decodeManifest(encodeManifest(PATCHED), ID, STORE), PATCHED);
  assert.deepEqual(encodeManifest(PATCHED), sealed(PATCHED));
});

Deno.test("a manifest is plain JSON, and members that are not known do not matter", () => {
  const json = JSON.parse(new TextDecoder().decode(encodeManifest(MANIFEST)));
  const { sha256, ...members } = json;
  assert.match(sha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(members, MANIFEST);
  const more = {
    colour: "blue",
    ...MANIFEST,
    bucket: { ...MANIFEST.bucket, arn: 1 },
    parts: [{ ...PART, blocks: [] }, LAST],
  };
  assert.deepEqual(decodeManifest(sealed(more), ID, STORE), MANIFEST);
});

Deno.test("a manifest cut short anywhere is noticed", () => {
  const bytes = encodeManifest(MANIFEST);
  for (let length = 0; length < bytes.length; length++) {
    assertRefused(bytes.subarray(0, length), "CorruptSnapshot", /changed or cut short/);
  }
});

Deno.test("a change of any byte of a manifest is noticed", () => {
  const bytes = encodeManifest(MANIFEST);
  for (let at = 0; at < bytes.length; at++) {
    for (const mask of [0x01, 0x20, 0x80, 0xff]) {
      assertRefused(bytes.with(at, bytes[at]! ^ mask), "CorruptSnapshot", /changed or cut short/);
    }
  }
});

Deno.test("a manifest of a later format says to upgrade, whatever else is in it", () => {
  assertRefused(sealed({ format: 3, id: 7 }), "NewerFormat", /later release.*upgrade/);
});

Deno.test("each member that is wrong is named", () => {
  const parts = (members: Partial<Record<keyof PartInfo, unknown>>) => ({
    parts: [{ ...PART, patch: PATCH, ...members }, LAST],
  });
  const patch = (members: Partial<Record<keyof PatchInfo, unknown>>) =>
    parts({ patch: { ...PATCH, ...members } });
  const wrong: [RegExp, Record<string, unknown>][] = [
    [/"format" is neither 1 nor 2/, { format: 0 }],
    [/"format" is neither 1 nor 2/, { format: "1" }],
    [/"format" is 1, which has no patches/, { format: 1 }],
    [/"tool" is no text/, { tool: 1 }],
    [/"id" is not allowed: "\.\.\/etc"/, { id: "../etc" }],
    [/it is the manifest of 20261123T011530Z-zzzz/, { id: "20261123T011530Z-zzzz" }],
    [/"createdAt" is not allowed/, { createdAt: "2026-13-23T01:15:31Z" }],
    [/"asOf" is not allowed/, { asOf: "yesterday" }],
    [/"asOf" is no text/, { asOf: null }],
    [/"bucket" is no object/, { bucket: "photos" }],
    [/"bucket.name" is not allowed/, { bucket: { name: "" } }],
    [/"bucket.region" is no text/, { bucket: { name: "photos", region: 1 } }],
    [/"label" is no text/, { label: [] }],
    [/"label" is not valid Unicode/, { label: "\ud83d" }],
    [/"totals" is no object/, { totals: null }],
    [/"totals.objects" is not the sum/, { totals: { objects: 10_002, bytes: 1 } }],
    [/"totals.bytes" is no whole number/, { totals: { objects: 10_003, bytes: -1 } }],
    [/"parts" is no list/, { parts: {} }],
    [/"parts\[0\]" is no object/, { parts: [null] }],
    [/"parts\[0\].name" is not allowed: "\.\.\/x"/, parts({ name: "../x" })],
    [/"parts\[1\].name" is the name of another/, parts({ name: "part-00002" })],
    [/"parts\[0\].entries" is 0/, parts({ entries: 0 })],
    [/"parts\[0\].entries" is no count/, parts({ entries: 1e300 })],
    [/"parts\[0\].size" is no count/, parts({ size: -1 })],
    [/"parts\[0\].sha256" is not allowed/, parts({ sha256: "A".repeat(64) })],
    [/"parts\[0\].lastKey" is not the last/, parts({ firstKey: "k", lastKey: "a" })],
    [/"parts\[0\].lastKey" is not the last/, parts({ firstKey: "k", lastKey: "k" })],
    [/"parts\[0\].splitKeys" is no list/, parts({ splitKeys: "e" })],
    [/"parts\[0\].splitKeys\[0\]" is no text/, parts({ splitKeys: [1] })],
    [/"parts\[0\].splitKeys" is not in order/, parts({ splitKeys: ["e", "d"] })],
    [/"parts\[0\].splitKeys" is not in order/, parts({ splitKeys: ["a"] })],
    [/"parts\[0\].splitKeys" is beyond lastKey/, parts({ splitKeys: ["l"] })],
    [/"parts\[0\].splitKeys" is too few/, parts({ splitKeys: [] })],
    [/"parts\[1\].firstKey" is not after/, { parts: [LAST, PART] }],
    [/"parts\[1\].firstKey" is not after/, patch({ lastKey: "\uff5e\0\n" })],
    [/"parts\[0\].patch" is no object/, parts({ patch: [] })],
    [/"parts\[0\].patch.name" is not allowed/, patch({ name: "part-00007" })],
    [/"parts\[0\].patch.entries" is 0/, patch({ entries: 0 })],
    [/"parts\[0\].patch.lastKey" is not the last/, patch({ lastKey: "A" })],
    [/"parts\[0\].patch.sha256" is not allowed/, patch({ sha256: "" })],
    [/"parts\[0\].patch.size" is no count/, patch({ size: 0.5 })],
    [/"parts\[0\].patch.added" is no count/, patch({ added: undefined })],
    [/"parts\[0\].patch.added" is more than it has rows/, patch({ added: 10 })],
    [
      /"parts\[0\].patch.removed" is more than the part has/,
      patch({ entries: 20_000, removed: 10_001 }),
    ],
    [
      /"parts\[0\].patch.removed" is all that there is/,
      patch({ entries: 20_000, added: 0, removed: 10_000 }),
    ],
    [/"parts\[1\].name" is the name of another/, {
      parts: [{ ...PART, patch: PATCH }, {
        ...LAST,
        patch: { ...PATCH, removed: 1, firstKey: "\uff5e\0\n", lastKey: "\u{1f600}" },
      }],
      totals: { objects: 10_004, bytes: 1 },
    }],
    [/"parts\[1\].firstKey" is not after/, parts({ lastKey: "\uff5e\0\n" })],
  ];
  for (const [what, members] of wrong) {
    assertRefused(sealed({ ...PATCHED, ...members }), "CorruptSnapshot", what);
  }
  for (const value of [[], null, 1, "manifest"]) {
    assertRefused(sealedText(JSON.stringify(value)), "CorruptSnapshot", /it is not JSON|no object/);
  }
});

function sealedText(open: string): Uint8Array {
  const sum = createHash("sha256").update(open).digest("hex");
  return new TextEncoder().encode(`${open},\n "sha256": "${sum}"\n}\n`);
}

Deno.test("a manifest that could not be read is not written", () => {
  assert.throws(
    () => encodeManifest({ ...MANIFEST, totals: { objects: 1, bytes: 1 } }),
    { name: "RangeError", message: /"totals.objects" is not the sum/ },
  );
});
