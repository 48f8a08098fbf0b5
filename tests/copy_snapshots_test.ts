import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "npm:fast-check@4.10.2";
import { openMemoryStore } from "../backends/memory.ts";
import { type CopiedSnapshot, copySnapshots } from "../lib/copy_snapshots.ts";
import type { Entry } from "../lib/model/entry.ts";
import { InputError, StoreError } from "../lib/model/errors.ts";
import { manifestName, pinnedMarkName } from "../lib/model/snapshot_id.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { verify } from "../lib/verify.ts";
import { entry } from "./entry_batches.ts";
import { hookStore } from "./hooked_store.ts";
import { legacyText, legacyVersion, putLegacy } from "./legacy_files.ts";
import { runs } from "./seed.ts";
import { histories, putHistory } from "./snapshot_histories.ts";
import { markExpired, putSnapshot } from "./stored_snapshots.ts";

const IDS = ["20261101T000000Z-aaaa", "20261102T000000Z-bbbb", "20261103T000000Z-cccc"] as const;

/** A new and empty store; no two have the same URL. */
function openNew(): SnapshotStore {
  return openMemoryStore(`memory:${crypto.randomUUID()}`);
}

function entriesOf(id: string): Entry[] {
  return ["a", "b", "c"].map((key) => entry({ key, versionId: `${key} of ${id}` }));
}

/** With a snapshot for each id. */
async function openFilled(): Promise<SnapshotStore> {
  const store = openNew();
  for (const id of IDS) await putSnapshot(store, id, entriesOf(id));
  return store;
}

async function copy(
  from: SnapshotStore,
  to: SnapshotStore,
  signal?: AbortSignal,
): Promise<CopiedSnapshot[]> {
  return await Array.fromAsync(copySnapshots({ from, to, lock: false, ...(signal && { signal }) }));
}

function told(copied: readonly CopiedSnapshot[]): Record<string, string> {
  return Object.fromEntries(copied.map(({ id, outcome }) => [id, outcome]));
}

/** All that a store holds, by name. */
async function contents(store: SnapshotStore): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name } of store.list()) {
    const bytes = await new Response(
      await store.get(name) as ReadableStream<Uint8Array<ArrayBuffer>>,
    )
      .bytes();
    found[name] = createHash("sha256").update(bytes).digest("hex");
  }
  return found;
}

async function filesOf(store: SnapshotStore, id: string): Promise<string[]> {
  return await Array.fromAsync(store.list({ prefix: `${id}/` }), ({ name }) => name);
}

Deno.test("copies are byte for byte the same, patches and pins included", async () => {
  await fc.assert(
    fc.asyncProperty(histories(4), fc.nat(), async (moments, pinned) => {
      await using from = openNew();
      await using to = openNew();
      const ids = (await putHistory(from, moments)).map(({ id }) => id);
      await from.put(pinnedMarkName(ids[pinned % ids.length]!), new Blob([]).stream());
      const copied = await copy(from, to);
      assert.deepEqual(copied.map(({ id }) => id), ids.toReversed());
      assert(copied.every(({ outcome, bytes }) => outcome === "copied" && bytes > 0));
      assert.deepEqual(await contents(to), await contents(from));
      assert((await copy(from, to)).every(({ outcome }) => outcome === "present"));
    }),
    runs(30),
  );
});

Deno.test("what a later release may say in a manifest is copied, too", async () => {
  await using from = await openFilled();
  await using to = openNew();
  const name = manifestName(IDS[0]);
  const text = await new Response(await from.get(name) as ReadableStream<Uint8Array<ArrayBuffer>>)
    .text();
  const open = text.slice(0, -82).replace('"tool"', '"novel": 1,\n "tool"');
  const sha256 = createHash("sha256").update(open).digest("hex");
  await from.put(name, new Blob([`${open},\n "sha256": "${sha256}"\n}\n`]).stream());
  await copy(from, to);
  assert.deepEqual(await contents(to), await contents(from));
});

Deno.test("files of 2015 are copied, and files of others are not", async () => {
  await using from = openNew();
  await using to = openNew();
  const text = legacyText([legacyVersion({ Key: "a" })]);
  await putLegacy(from, "20150605152158-0500CDT", text);
  await putLegacy(from, "20150606152158-0500CDT.Z", text);
  await putLegacy(from, "20150607152158-0500CDT", text.slice(0, -20));
  await from.put("README", new Blob(["not ours"]).stream());
  const copied = await copy(from, to);
  assert.deepEqual(told(copied), {
    "20150607152158-0500CDT": "failed",
    "20150606152158-0500CDT.Z": "copied",
    "20150605152158-0500CDT": "copied",
  });
  const { README: _, "20150607152158-0500CDT": __, ...expected } = await contents(from);
  assert.deepEqual(await contents(to), expected);
});

Deno.test("a copy that is cut off at any call is no snapshot, and the next run finishes it", async () => {
  await using from = await openFilled();
  let isThrough = false;
  for (let left = 0; !isThrough; left++) {
    await using to = openNew();
    let calls = 0;
    const dying = hookStore(to, {
      before: () => {
        if (calls++ >= left) throw new StoreError("Unavailable", "killed");
      },
    });
    isThrough = await copy(from, dying).then(() => true, () => false);
    const { points } = await verify({ store: to });
    assert(points.every(({ state }) => state === "ok"), `after ${left} calls`);
    await copy(from, to);
    assert.deepEqual(await contents(to), await contents(from));
  }
});

Deno.test("a damaged or missing file is not copied, is named, and stops no other", async () => {
  for (const damage of ["flipped", "missing"]) {
    await using from = await openFilled();
    await using to = openNew();
    const name = `${IDS[1]}/part-00000`;
    const bytes = await new Response(
      await from.get(name) as ReadableStream<Uint8Array<ArrayBuffer>>,
    )
      .bytes();
    bytes[40]! ^= 1;
    if (damage === "missing") await from.delete(name);
    else await from.put(name, new Blob([bytes]).stream());
    const copied = await copy(from, to);
    assert.deepEqual(copied.map(({ outcome }) => outcome), ["copied", "failed", "copied"]);
    assert.match(copied[1]!.problem!, /part-00000/);
    assert.deepEqual(await filesOf(to, IDS[1]), []);
  }
});

Deno.test("what gc has begun to remove, here or there, is not copied", async () => {
  await using from = await openFilled();
  await using to = openNew();
  await markExpired(from, IDS[0]);
  // Of one that gc there has not come to the end of.
  await markExpired(to, IDS[1]);
  assert.deepEqual(told(await copy(from, to)), {
    [IDS[2]]: "copied",
    [IDS[1]]: "failed",
    [IDS[0]]: "expired",
  });
  assert.deepEqual(await filesOf(to, IDS[0]), []);
  assert(!(await filesOf(to, IDS[1])).includes(manifestName(IDS[1])));
});

Deno.test("a snapshot that gc begins to remove while it is copied is not there", async () => {
  for (
    const [operation, name] of [["get", manifestName(IDS[0])], ["get", `${IDS[0]}/part-00000`]]
  ) {
    await using from = await openFilled();
    await using to = openNew();
    const racing = hookStore(from, {
      after: async (call) => {
        if (call.operation === operation && call.name === name) await markExpired(from, IDS[0]);
      },
    });
    assert.equal(told(await copy(racing, to))[IDS[0]], "expired");
    assert.deepEqual(await filesOf(to, IDS[0]), []);
  }
});

Deno.test("what the first store has no longer is told and left", async () => {
  await using from = await openFilled();
  await using to = openNew();
  await copy(from, to);
  for (const name of await filesOf(from, IDS[0])) await from.delete(name);
  await markExpired(from, IDS[1]);
  const before = await contents(to);
  assert.deepEqual(told(await copy(from, to)), {
    [IDS[0]]: "gone",
    [IDS[1]]: "gone",
    [IDS[2]]: "present",
  });
  assert.deepEqual(await contents(to), before);
});

Deno.test("a pin that came later is copied, too", async () => {
  await using from = await openFilled();
  await using to = openNew();
  await copy(from, to);
  await from.put(pinnedMarkName(IDS[0]), new Blob([]).stream());
  await copy(from, to);
  assert.deepEqual(await contents(to), await contents(from));
});

Deno.test("where a file is lost in the second store, its snapshot does not come to be", async () => {
  await using from = await openFilled();
  await using to = openNew();
  const losing = hookStore(to, {
    after: async ({ operation, name }) => {
      if (operation === "put" && name === `${IDS[1]}/part-00000`) await to.delete(name);
    },
  });
  const copied = await copy(from, losing);
  assert.deepEqual(copied.map(({ outcome }) => outcome), ["copied", "failed", "copied"]);
  assert.match(copied[1]!.problem!, /part-00000 was stored .*not there/);
  assert.deepEqual(await filesOf(to, IDS[1]), []);
});

Deno.test("a store is not copied to itself", async () => {
  await using store = await openFilled();
  await assert.rejects(copy(store, store), InputError);
});

Deno.test("a store that refuses ends the copying, and so does an abort", async () => {
  await using from = await openFilled();
  await using to = openNew();
  const refused = new StoreError("NoSpace", "full");
  const full = hookStore(to, {
    before: ({ operation }) => {
      if (operation === "put") throw refused;
    },
  });
  await assert.rejects(copy(from, full), (error) => error === refused);
  const reason = new Error("enough");
  const abort = new AbortController();
  const aborting = hookStore(to, {
    before: ({ operation }) => operation === "put" ? abort.abort(reason) : undefined,
  });
  await assert.rejects(copy(from, aborting, abort.signal), (error) => error === reason);
  assert.deepEqual(await contents(to), {});
});
