/** What a server's index names and the server does not have: Ceph can lose an object so. */
import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { deletePoints } from "../lib/delete_snapshots.ts";
import { collectByPolicy } from "../lib/gc.ts";
import { listSnapshots } from "../lib/list_snapshots.ts";
import { SnapshotError } from "../lib/model/errors.ts";
import { getListed } from "../lib/model/get_listed.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { openPoint } from "../lib/points.ts";
import { stats } from "../lib/stats.ts";
import { verify } from "../lib/verify.ts";
import { FakeTime } from "./fake_time.ts";
import { hookStore } from "./hooked_store.ts";
import { legacyText, putLegacy } from "./legacy_files.ts";
import { losing } from "./lost_files.ts";
import { ModelBucket, type ModelVersion } from "./simulation/model_bucket.ts";
import { putSnapshot } from "./stored_snapshots.ts";

const NOW = Date.UTC(2026, 10, 1);
const KEEP_LAST = { keepLast: 1 };
const FIRST = "20261001T000000Z-aaaa", SECOND = "20261002T000000Z-bbbb";
const LOST = "20261003T000000Z-cccc", LAST = "20261004T000000Z-dddd";
const FILE = "20150605152158+0000UTC";

/** Two points name a version; one of them is lost, and the policy drops the other. */
class World {
  readonly store: SnapshotStore = openMemoryStore();
  readonly bucket = new ModelBucket(new FakeTime(NOW));

  static async create(kind: "snapshot" | "legacy"): Promise<[World, string, ModelVersion]> {
    const world = new World(), { store, bucket } = world;
    const precious = bucket.put("a");
    const current = bucket.put("a");
    await putSnapshot(store, FIRST, [{ ...precious }]);
    await putSnapshot(store, SECOND, [{ ...current }]);
    await putSnapshot(store, LAST, [{ ...current }]);
    if (kind === "snapshot") await putSnapshot(store, LOST, [{ ...precious }]);
    else await putLegacy(store, FILE, legacyOf(precious));
    return [world, kind === "snapshot" ? LOST : FILE, precious];
  }

  async state(): Promise<unknown> {
    const names = (await Array.fromAsync(this.store.list())).map(({ name }) => name);
    return [names.filter((name) => !name.startsWith("lock/")), this.bucket.versions()];
  }
}

function legacyOf({ key, versionId, size, lastModified }: ModelVersion): string {
  const time = new Date(lastModified).toISOString();
  return legacyText([{ Key: key, VersionId: versionId, Size: size, LastModified: time }]);
}

function mainOf(id: string): string {
  return id === FILE ? id : `${id}/manifest.json`;
}

for (const kind of ["snapshot", "legacy"] as const) {
  Deno.test(`a listed ${kind} that the store has lost stops gc before anything is changed`, async () => {
    const [world, lost, precious] = await World.create(kind);
    const { store, bucket } = world;
    const view = losing(store, mainOf(lost));
    const before = await world.state();
    for (const settings of [{}, { dryRun: true }, { lock: false }]) {
      await assert.rejects(collectByPolicy(view, bucket, KEEP_LAST, settings), (error) => {
        assert(error instanceof SnapshotError, String(error));
        assert.equal(error.code, "CorruptSnapshot");
        assert.match(error.message, /^Nothing was deleted.* lists .*not there.* give it up/);
        assert(error.message.includes(lost), error.message);
        return true;
      });
    }
    await assert.rejects(deletePoints(view, bucket, [SECOND], {}), { code: "CorruptSnapshot" });
    assert.deepEqual(await world.state(), before);
    assert(bucket.find("a", precious.versionId));
  });

  Deno.test(`a listed ${kind} that the store has lost is told as damaged, and by itself`, async () => {
    const [{ store }, lost] = await World.create(kind);
    const view = losing(store, mainOf(lost));
    const rows = await Array.fromAsync(listSnapshots({ store: view }));
    assert.deepEqual(rows.filter(({ state }) => state !== "ok").map(({ id }) => id), [lost]);
    assert.match(rows.find(({ id }) => id === lost)!.problem!, /lists .*not there/);
    const counted = await stats({ store: view });
    assert.deepEqual(counted.points.filter(({ problem }) => problem).map(({ id }) => id), [lost]);
    for (const snapshots of [undefined, [lost]]) {
      const { ok, points } = await verify({ store: view, snapshots });
      const damaged = points.filter(({ state }) => state === "damaged").map(({ id }) => id);
      assert.deepEqual([ok, damaged], [false, [lost]]);
    }
    await assert.rejects(openPoint(view, lost), { code: "CorruptSnapshot" });
  });

  Deno.test(`a listed ${kind} that the store has lost can be given up by its name`, async () => {
    const [world, lost, precious] = await World.create(kind);
    const { store, bucket } = world;
    const view = losing(store, mainOf(lost));
    assert.deepEqual((await deletePoints(view, bucket, [lost], {})).expired, [lost]);
    assert(bucket.find("a", precious.versionId), "what it alone named stays");
    assert.deepEqual((await collectByPolicy(view, bucket, KEEP_LAST, {})).expired, [FIRST, SECOND]);
  });

  Deno.test(`a ${kind} that vanishes while gc reads it stops gc, and not a dry run`, async () => {
    const [{ store, bucket }, lost] = await World.create(kind);
    // It goes between being listed and being read.
    const vanishing = (store: SnapshotStore) =>
      hookStore(store, {
        before: async ({ operation, name }) => {
          if (operation === "get" && name === mainOf(lost)) await store.delete(name);
        },
      });
    const dry = await collectByPolicy(vanishing(store), bucket, KEEP_LAST, { dryRun: true });
    assert.deepEqual(dry.kept.map(({ id }) => id), [LAST]);
    const [again, , precious] = await World.create(kind);
    await assert.rejects(collectByPolicy(vanishing(again.store), again.bucket, KEEP_LAST, {}), {
      code: "UnknownSnapshot",
      message: new RegExp(`^No version was deleted.*${lost.replace("+", "\\+")} vanished.* again$`),
    });
    assert(again.bucket.find("a", precious.versionId));
  });
}

Deno.test("a point that is no more listed once others are marked stops gc", async () => {
  const [{ store, bucket }, lost, precious] = await World.create("snapshot");
  const view = hookStore(store, {
    before: async ({ operation, name }) => {
      if (operation === "put" && name.endsWith("/expired")) await store.delete(mainOf(lost));
    },
  });
  await assert.rejects(collectByPolicy(view, bucket, { keepLast: 2 }, {}), {
    code: "UnknownSnapshot",
    message: /^No version was deleted/,
  });
  assert(bucket.find("a", precious.versionId));
});

Deno.test("only a name that is not listed either was removed", async () => {
  await using store = openMemoryStore();
  await store.put("a", new Blob(["text"]).stream());
  await store.put("ab", new Blob([]).stream());
  assert.equal(await new Response(await getListed(store, "a")).text(), "text");
  await assert.rejects(getListed(losing(store, "a"), "a"), {
    code: "Corrupt",
    message: /lists a, .*not there/,
  });
  await store.delete("a");
  await assert.rejects(getListed(store, "a"), { code: "NotFound" });
});

Deno.test("what comes between the look and the listing is read", async () => {
  await using store = openMemoryStore();
  const view = hookStore(store, {
    before: async ({ operation }) => {
      if (operation === "list") await store.put("a", new Blob(["text"]).stream());
    },
  });
  assert.equal(await new Response(await getListed(view, "a")).text(), "text");
});
