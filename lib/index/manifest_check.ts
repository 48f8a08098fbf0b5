/** Turns parsed JSON into a manifest, or says what is wrong with it. Unknown members are left out. */
import { compareKeys } from "../model/key_order.ts";
import {
  type BucketIdentity,
  type FileInfo,
  FORMAT_VERSION,
  type Manifest,
  MAX_ENTRIES_BETWEEN_SPLIT_KEYS,
  type PartInfo,
  PATCHED_FORMAT_VERSION,
  type PatchInfo,
} from "../model/manifest.ts";
import { isSnapshotId } from "../model/snapshot_id.ts";
import { Damage } from "./damage.ts";
import { entriesIn, lowerBound, upperBound } from "./part_bounds.ts";

const PART_NAME = /^part-\d{5,10}$/;
const PATCH_NAME = /^patch-\d{5,10}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const UTC_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

type Members = Readonly<Record<string, unknown>>;

/** The manifest that `value` is. @throws {Damage} naming the member that is wrong */
export function checkManifest(value: unknown): Manifest {
  const members = object(value, "the document");
  const format = checkFormat(members.format);
  const totals = object(members.totals, "totals");
  const parts = list(members.parts, "parts").map((part, i) => checkPart(part, `parts[${i}]`));
  checkOrder(parts);
  if (format === FORMAT_VERSION && parts.some(({ patch }) => patch)) {
    fail("format", `${FORMAT_VERSION}, which has no patches`);
  }
  const objects = count(totals.objects, "totals.objects");
  if (objects !== parts.reduce((sum, part) => sum + entriesIn(part), 0)) {
    fail("totals.objects", "not the sum of the parts' entries");
  }
  return {
    format,
    tool: text(members.tool, "tool"),
    id: matching(members.id, "id", isSnapshotId),
    createdAt: time(members.createdAt, "createdAt"),
    asOf: time(members.asOf, "asOf"),
    bucket: checkBucket(object(members.bucket, "bucket")),
    ...optionalText(members, "label"),
    ...optionalText(members, "safetyFor"),
    totals: { objects, bytes: wholeNumber(totals.bytes, "totals.bytes") },
    parts,
  };
}

function checkBucket(members: Members): BucketIdentity {
  return {
    name: matching(members.name, "bucket.name", (name) => name !== ""),
    ...optionalText(members, "prefix", "bucket."),
    ...optionalText(members, "region", "bucket."),
    ...optionalText(members, "endpoint", "bucket."),
  };
}

function checkFormat(value: unknown): Manifest["format"] {
  if (value === FORMAT_VERSION || value === PATCHED_FORMAT_VERSION) return value;
  return fail("format", `neither ${FORMAT_VERSION} nor ${PATCHED_FORMAT_VERSION}`);
}

function checkPart(value: unknown, path: string): PartInfo {
  const members = object(value, path);
  const part = {
    ...checkFile(members, path, PART_NAME),
    splitKeys: list(members.splitKeys, `${path}.splitKeys`)
      .map((key, i) => text(key, `${path}.splitKeys[${i}]`)),
  };
  checkSplitKeys(part, path);
  if (members.patch === undefined) return part;
  const patch = checkPatch(object(members.patch, `${path}.patch`), `${path}.patch`);
  if (patch.removed > part.entries) fail(`${path}.patch.removed`, "more than the part has");
  if (entriesIn({ ...part, patch }) === 0) fail(`${path}.patch.removed`, "all that there is");
  return { ...part, patch };
}

function checkFile(members: Members, path: string, name: RegExp): FileInfo {
  const file = {
    name: matching(members.name, `${path}.name`, (text) => name.test(text)),
    firstKey: text(members.firstKey, `${path}.firstKey`),
    lastKey: text(members.lastKey, `${path}.lastKey`),
    entries: count(members.entries, `${path}.entries`),
    size: count(members.size, `${path}.size`),
    sha256: matching(members.sha256, `${path}.sha256`, (sum) => SHA256.test(sum)),
  };
  if (file.entries === 0) fail(`${path}.entries`, "0");
  const order = compareKeys(file.firstKey, file.lastKey);
  if (order > 0 || (order === 0) !== (file.entries === 1)) {
    fail(`${path}.lastKey`, `not the last of ${file.entries} keys from firstKey on`);
  }
  return file;
}

function checkPatch(members: Members, path: string): PatchInfo {
  const patch = {
    ...checkFile(members, path, PATCH_NAME),
    added: count(members.added, `${path}.added`),
    removed: count(members.removed, `${path}.removed`),
  };
  if (patch.added + patch.removed > patch.entries) fail(`${path}.added`, "more than it has rows");
  return patch;
}

function checkSplitKeys(part: PartInfo, path: string): void {
  const { firstKey, lastKey, splitKeys, entries } = part;
  let before = firstKey;
  for (const key of splitKeys) {
    if (compareKeys(before, key) >= 0) fail(`${path}.splitKeys`, "not in order");
    before = key;
  }
  if (compareKeys(before, lastKey) > 0) fail(`${path}.splitKeys`, "beyond lastKey");
  if (splitKeys.length >= entries) fail(`${path}.splitKeys`, "more than there are keys");
  if ((splitKeys.length + 1) * MAX_ENTRIES_BETWEEN_SPLIT_KEYS < entries) {
    fail(`${path}.splitKeys`, `too few for ${entries} entries`);
  }
}

function checkOrder(parts: readonly PartInfo[]): void {
  const names = new Set<string>();
  for (const [i, part] of parts.entries()) {
    const before = parts[i - 1];
    if (before && compareKeys(upperBound(before), lowerBound(part)) >= 0) {
      fail(`parts[${i}].firstKey`, "not after the part before");
    }
    for (const name of [part.name, part.patch?.name]) {
      if (name === undefined) continue;
      if (names.has(name)) fail(`parts[${i}].name`, "the name of another part too");
      names.add(name);
    }
  }
}

function object(value: unknown, path: string): Members {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fail(path, "no object");
  }
  return value as Members;
}

function list(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, "no list");
}

function text(value: unknown, path: string): string {
  if (typeof value !== "string") fail(path, "no text");
  if (!value.isWellFormed()) fail(path, "not valid Unicode");
  return value;
}

function matching(value: unknown, path: string, isRight: (text: string) => boolean): string {
  const checked = text(value, path);
  return isRight(checked) ? checked : fail(path, `not allowed: ${JSON.stringify(checked)}`);
}

function time(value: unknown, path: string): string {
  return matching(value, path, (text) => UTC_TIME.test(text) && !Number.isNaN(Date.parse(text)));
}

function optionalText<Name extends string>(
  members: Members,
  name: Name,
  path = "",
): { readonly [name in Name]?: string } {
  if (members[name] === undefined) return {};
  return { [name]: text(members[name], path + name) } as { readonly [name in Name]?: string };
}

function count(value: unknown, path: string): number {
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? value as number
    : fail(path, "no count");
}

/** Like a count, but a sum of object sizes may go beyond what is exact. */
function wholeNumber(value: unknown, path: string): number {
  return Number.isInteger(value) && (value as number) >= 0
    ? value as number
    : fail(path, "no whole number");
}

function fail(path: string, what: string): never {
  throw new Damage(`"${path}" is ${what}`);
}
