import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { decodeBlock } from "../lib/index/block_decoder.ts";
import { BlockEncoder } from "../lib/index/block_encoder.ts";
import { Damage } from "../lib/index/damage.ts";
import { BLOCK_HEADER_BYTES, PART_HEADER_BYTES, partFooter } from "../lib/index/frame.ts";
import { readEntries } from "../lib/index/snapshot_reader.ts";
import { SnapshotWriter } from "../lib/index/snapshot_writer.ts";
import type { Entry } from "../lib/model/entry.ts";
import { entryAt } from "../lib/model/entry_batch.ts";
import { SnapshotError } from "../lib/model/errors.ts";
import type { Manifest } from "../lib/model/manifest.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { batchOf, entriesOf, entry } from "./entry_batches.ts";
import { entries } from "./index_arbitraries.ts";
import { runs } from "./seed.ts";

const ID = "20261123T011530Z-k3f9";
const PART = `${ID}/part-00000`;
const PATCH = `${ID}/patch-00000`;

const LIST: Entry[] = [
  entry({ key: "a", versionId: "0123456789abcdefghijABCDEFGHIJ._" }),
  entry({ key: "a/b", versionId: "null", etag: "0cc175b9c0f1b6a831c399e269772661-7" }),
  entry({ key: "a/c", versionId: "7f3d8a52-1c9e-4b60-9d2f-0a1b2c3d4e5f", size: 2 ** 40 }),
  entry({ key: "é", etag: "odd", storageClass: "GLACIER", lastModified: -1 }),
];

interface Stored extends AsyncDisposable {
  readonly store: SnapshotStore;
  readonly manifest: Manifest;
}

async function stored(list: readonly Entry[], compress = true): Promise<Stored> {
  const store = openMemoryStore();
  const writer = new SnapshotWriter(store, ID, { compress });
  await writer.write(batchOf(list));
  const manifest = await writer.finish({
    createdAt: "2026-11-23T01:15:31Z",
    asOf: "2026-11-23T01:15:30Z",
    bucket: { name: "photos" },
  });
  return { store, manifest, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

/** A snapshot of what `change` makes of the list, as a part with that list and a patch. */
async function storedAsChanges(
  change: (list: readonly Entry[]) => Entry[] = changeAll,
  compress = true,
): Promise<Stored> {
  const store = openMemoryStore();
  const info = {
    createdAt: "2026-11-23T01:15:31Z",
    asOf: "2026-11-23T01:15:30Z",
    bucket: { name: "photos" },
  };
  const before = new SnapshotWriter(store, "20261122T011530Z-aaaa", { compress });
  await before.write(batchOf(LIST));
  const manifest = await before.finish(info);
  const previous = { manifest, minEntries: 1, maxShare: 1 };
  const writer = new SnapshotWriter(store, ID, { compress, previous });
  await writer.write(batchOf(change(LIST)));
  return {
    store,
    manifest: await writer.finish(info),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** One is gone, one differs, one is added. */
function changeAll(list: readonly Entry[]): Entry[] {
  const [, second, ...rest] = list;
  return [{ ...second!, size: 1 }, entry({ key: "a/bb" }), ...rest];
}

async function read(store: SnapshotStore, name: string): Promise<Uint8Array<ArrayBuffer>> {
  return await new Response((await store.get(name)) as ReadableStream<Uint8Array<ArrayBuffer>>)
    .bytes();
}

async function write(store: SnapshotStore, name: string, bytes: Uint8Array): Promise<void> {
  await store.put(name, ReadableStream.from([bytes]));
}

/** Reads until it fails; whatever came before must be right. */
async function assertCorrupt(
  { store, manifest }: Stored,
  what: RegExp,
  list: readonly Entry[] = LIST,
): Promise<void> {
  const seen: Entry[] = [];
  const failure = await (async () => {
    for await (const batch of readEntries(store, manifest)) {
      for (let i = 0; i < batch.length; i++) seen.push(entryAt(batch, i));
    }
  })().then(() => undefined, (error) => error);
  assert.ok(failure instanceof SnapshotError, `${failure} after ${seen.length} entries`);
  assert.equal(failure.code, "CorruptSnapshot");
  assert.match(failure.message, /memory:\/20261123T011530Z-k3f9\/(?:part|patch)-0000\d: /);
  assert.match(failure.message, what);
  assert.deepEqual(seen, list.slice(0, seen.length));
}

for (const compress of [true, false]) {
  Deno.test(`a part cut short anywhere is noticed (compress: ${compress})`, async () => {
    await using snapshot = await stored(LIST, compress);
    const bytes = await read(snapshot.store, PART);
    for (let length = 0; length < bytes.length; length++) {
      await write(snapshot.store, PART, bytes.subarray(0, length));
      await assertCorrupt(snapshot, /cut short/);
    }
  });

  Deno.test(`a change of any byte of a part is noticed (compress: ${compress})`, async () => {
    await using snapshot = await stored(LIST, compress);
    const bytes = await read(snapshot.store, PART);
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of [0x01, 0x80, 0xff]) {
        await write(snapshot.store, PART, bytes.with(at, bytes[at]! ^ mask));
        await assertCorrupt(snapshot, /./);
      }
    }
  });
}

for (const compress of [true, false]) {
  Deno.test(`a patch or its part cut short anywhere is noticed (compress: ${compress})`, async () => {
    await using snapshot = await storedAsChanges(changeAll, compress);
    for (const name of [PATCH, PART]) {
      const bytes = await read(snapshot.store, name);
      for (let length = 0; length < bytes.length; length++) {
        await write(snapshot.store, name, bytes.subarray(0, length));
        await assertCorrupt(snapshot, /cut short/, changeAll(LIST));
      }
      await write(snapshot.store, name, bytes);
    }
  });

  Deno.test(`a change of any byte of a patch or its part is noticed (compress: ${compress})`, async () => {
    await using snapshot = await storedAsChanges(changeAll, compress);
    for (const name of [PATCH, PART]) {
      const bytes = await read(snapshot.store, name);
      for (let at = 0; at < bytes.length; at++) {
        await write(snapshot.store, name, bytes.with(at, bytes[at]! ^ 0x81));
        await assertCorrupt(snapshot, /./, changeAll(LIST));
      }
      await write(snapshot.store, name, bytes);
    }
    assert.deepEqual(
      await entriesOf(readEntries(snapshot.store, snapshot.manifest)),
      changeAll(LIST),
    );
  });
}

Deno.test("a patch that is missing, another's, or of another part is noticed", async () => {
  const LATER = entry({ key: "ü" });
  await using snapshot = await storedAsChanges();
  const [part] = snapshot.manifest.parts;

  await using other = await storedAsChanges((list) =>
    changeAll(list).with(0, { ...LIST[1]!, size: 2 })
  );
  await write(snapshot.store, PATCH, await read(other.store, PATCH));
  await assertCorrupt(snapshot, /its SHA-256 is not the one in the manifest|checksum/, [
    { ...LIST[1]!, size: 2 },
    ...changeAll(LIST).slice(1),
  ]);

  // Sound files with a manifest that says so, and yet they do not belong together.
  const forge = async (list: readonly Entry[]) => {
    await using forged = await stored(list);
    await write(snapshot.store, PART, await read(forged.store, PART));
    const [file] = forged.manifest.parts;
    return {
      ...snapshot,
      manifest: { ...snapshot.manifest, parts: [{ ...file!, patch: part!.patch! }] },
    };
  };
  await write(snapshot.store, PATCH, await read((await storedAsChanges()).store, PATCH));
  const without = LIST.slice(1);
  await assertCorrupt(
    await forge(without),
    /removes a key that the part that it belongs to lacks/,
    [],
  );
  const added = [...LIST.slice(0, 2), entry({ key: "a/bb" }), ...LIST.slice(2), LATER];
  await assertCorrupt(await forge(added), /does not fit the part/, [...changeAll(LIST), LATER]);

  await snapshot.store.delete(PATCH);
  await assertCorrupt(snapshot, /patch-00000: it is missing/, []);
});

Deno.test("a patch's removals are refused where they are none", () => {
  const encoder = new BlockEncoder({ compress: false, patch: true });
  encoder.append(batchOf([entry({ key: "k" })]), 0);
  const block = encoder.finish().subarray(BLOCK_HEADER_BYTES);
  assert.equal(decodeBlock(block, "patch").length, 1);
  // A part has no such column, and a patch has one.
  assert.throws(() => decodeBlock(block), Damage);
  const end = 12 + new DataView(block.buffer, block.byteOffset).getUint32(4, true);
  assert.deepEqual([...block.subarray(end - 2, end)], [0, 1]);
  for (const [at, value] of [[end - 2, 2], [end - 1, 0], [end - 1, 2]] as const) {
    assert.throws(() => decodeBlock(block.slice().fill(value, at, at + 1), "patch"), Damage);
  }
});

Deno.test("a part that is missing, longer, or another's is noticed", async () => {
  await using snapshot = await stored(LIST);
  const bytes = await read(snapshot.store, PART);

  await write(snapshot.store, PART, Uint8Array.from([...bytes, 0]));
  await assertCorrupt(snapshot, /it is not the \d+ bytes that were written/);

  const changed = LIST.with(0, { ...LIST[0]!, versionId: LIST[0]!.versionId.replace("0", "1") });
  await using other = await stored(changed);
  await write(snapshot.store, PART, await read(other.store, PART));
  await assertCorrupt(snapshot, /its SHA-256 is not the one in the manifest/, changed);

  await snapshot.store.delete(PART);
  await assertCorrupt(snapshot, /it is missing/);
});

Deno.test("a part without one of its blocks, or with two exchanged, is noticed", async () => {
  const list = Array.from(
    { length: 8192 },
    (_, i) => entry({ key: String(i).padStart(4, "0") }),
  );
  await using snapshot = await stored(list, false);
  const bytes = await read(snapshot.store, PART);
  const sizes: number[] = [];
  const view = new DataView(bytes.buffer);
  for (let at = PART_HEADER_BYTES; view.getUint32(at, true) > 0; at += sizes.at(-1)!) {
    sizes.push(BLOCK_HEADER_BYTES + view.getUint32(at, true));
  }
  assert.equal(sizes.length, 2);
  const first = bytes.subarray(PART_HEADER_BYTES, PART_HEADER_BYTES + sizes[0]!);
  const second = bytes.subarray(PART_HEADER_BYTES + sizes[0]!).subarray(0, sizes[1]!);
  const header = bytes.subarray(0, PART_HEADER_BYTES);
  const footer = bytes.subarray(PART_HEADER_BYTES + sizes[0]! + sizes[1]!);

  const forgeries: [RegExp, Uint8Array[]][] = [
    [/block 0 begins with a key that does not belong/, [header, second, first, footer]],
    [/block 0 begins with a key that does not belong/, [header, second, footer]],
    [/blocks are missing/, [header, first, footer]],
    [/it holds 4096 entries, and the manifest says 8192/, [header, first, partFooter(4096, 1)]],
    [/block 1 begins with a key that does not belong/, [header, first, first, footer]],
    [/blocks are missing/, [header, first, second, partFooter(8192, 3)]],
    [/blocks are missing/, [header, first, second, partFooter(8191, 2)]],
  ];
  for (const [what, pieces] of forgeries) {
    const forged = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
    await write(snapshot.store, PART, forged);
    const sha256 = createHash("sha256").update(forged).digest("hex");
    const parts = [{ ...snapshot.manifest.parts[0]!, size: forged.length, sha256 }];
    await assertCorrupt({ ...snapshot, manifest: { ...snapshot.manifest, parts } }, what, list);
  }
});

Deno.test("a part of a later format is refused", async () => {
  await using snapshot = await stored(LIST);
  const bytes = await read(snapshot.store, PART);
  await write(snapshot.store, PART, bytes.with(PART_HEADER_BYTES - 1, 2));
  await assertCorrupt(snapshot, /its format is 2, though the manifest says 1/);
});

Deno.test("a block that lies is refused or read, never anything else", () => {
  fc.assert(
    fc.property(
      entries(30).filter((list) => list.length > 0),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
      (list, changes) => {
        const encoder = new BlockEncoder({ compress: false });
        const batch = batchOf(list);
        for (let i = 0; i < batch.length; i++) encoder.append(batch, i);
        const block = encoder.finish().subarray(BLOCK_HEADER_BYTES);
        for (const [at, byte] of changes) block[at % block.length] = byte;
        try {
          const decoded = decodeBlock(block);
          assert.ok(decoded.length <= 4096);
          for (const column of [decoded.keys, decoded.versionIds, decoded.etags]) {
            assert.equal(column.offsets.length, decoded.length + 1);
            assert.equal(column.offsets.at(-1), column.bytes.length);
          }
        } catch (error) {
          assert.ok(error instanceof Damage, String(error));
        }
      },
    ),
    runs(2000),
  );
});

Deno.test("a block whose keys do not ascend is refused", () => {
  const encoder = new BlockEncoder({ compress: false });
  const batch = batchOf(["ka", "kb", "kc"].map((key) => entry({ key })));
  for (let i = 0; i < batch.length; i++) encoder.append(batch, i);
  const block = encoder.finish().subarray(BLOCK_HEADER_BYTES);
  const at = new TextDecoder("latin1").decode(block).indexOf("kabc");
  for (const forged of ["kaac", "kabb", "kaba", "kcbc"]) {
    block.set(new TextEncoder().encode(forged), at);
    assert.throws(() => decodeBlock(block), /does not sort after the one before/);
  }
});

Deno.test("a section with more in it than its columns is refused", () => {
  const encoder = new BlockEncoder({ compress: false });
  encoder.append(batchOf([entry({ key: "k" })]), 0);
  const block = encoder.finish().subarray(BLOCK_HEADER_BYTES);
  const view = new DataView(block.buffer, block.byteOffset);
  const length = view.getUint32(4, true);
  const end = 12 + length;
  const longer = Uint8Array.from([...block.subarray(0, end), 0, ...block.subarray(end)]);
  for (const at of [4, 8]) new DataView(longer.buffer).setUint32(at, length + 1, true);
  assert.throws(() => decodeBlock(longer), /a section has 1 bytes too many/);
});

Deno.test("a block cannot ask for more memory than a block may take", () => {
  const encoder = new BlockEncoder({ compress: false });
  encoder.append(batchOf([entry({ key: "k" })]), 0);
  const block = encoder.finish().subarray(BLOCK_HEADER_BYTES);
  const view = new DataView(block.buffer, block.byteOffset);
  for (const at of [4, 8]) {
    const kept = view.getUint32(at, true);
    view.setUint32(at, 0xffff_ffff, true);
    assert.throws(() => decodeBlock(block), Damage);
    view.setUint32(at, kept, true);
  }
  view.setUint32(0, 4097, true);
  assert.throws(() => decodeBlock(block), /a block of 4097 entries/);
});

Deno.test("a section that would inflate to more than a section may be is not inflated", () => {
  const length = 1 << 26;
  const bomb = deflateRawSync(new Uint8Array(length));
  const block = new Uint8Array(12 + bomb.length);
  block.set(bomb, 12);
  const view = new DataView(block.buffer);
  [1, length, bomb.length].forEach((value, i) => view.setUint32(i * 4, value, true));
  assert.throws(() => decodeBlock(block), /a section's lengths are wrong/);
});

Deno.test("a section that inflates to more than it says is refused before it has", () => {
  const encoder = new BlockEncoder({ compress: true });
  encoder.append(batchOf([entry({ key: "k".repeat(60_000) })]), 0);
  const block = encoder.finish().subarray(BLOCK_HEADER_BYTES);
  const view = new DataView(block.buffer, block.byteOffset);
  const length = view.getUint32(4, true);
  assert.ok(view.getUint32(8, true) < 1000, "the first section is deflated");
  for (const lie of [length - 1, 1000]) {
    view.setUint32(4, lie, true);
    assert.throws(() => decodeBlock(block), /cannot be inflated/);
  }
  view.setUint32(4, length + 1, true);
  assert.throws(() => decodeBlock(block), /inflates to another length/);
});
