import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { textAt } from "../lib/model/entry_batch.ts";
import type { Entry, ObjectVersion } from "../lib/model/entry.ts";
import { planKeys } from "../lib/restore/plan_keys.ts";
import type { PlanRules } from "../lib/restore/plan_draft.ts";
import {
  COPY,
  COPY_ARCHIVED,
  COPY_OWN,
  DELETE,
  MISSING,
  REMOVE_MARKER,
  REMOVE_REPLICA_MARKER,
} from "../lib/restore/restore_batch.ts";
import { batchesOf, entry, version } from "./entry_batches.ts";
import { runs } from "./seed.ts";

const NAMES = {
  [COPY]: "copy",
  [COPY_OWN]: "copy own",
  [COPY_ARCHIVED]: "copy archived",
  [REMOVE_MARKER]: "remove marker",
  [MISSING]: "missing",
  [REMOVE_REPLICA_MARKER]: "remove replica marker",
  [DELETE]: "delete",
};
const IN_PLACE: PlanRules = { delete: false, inPlace: true, undelete: true };
const UNDELETE: PlanRules = { delete: false, inPlace: false, undelete: true };
const ELSEWHERE: PlanRules = { delete: false, inPlace: false, undelete: false };

interface Outcome {
  readonly todo: readonly string[];
  readonly objects: number;
  readonly unchanged: number;
  readonly undeleted: number;
  readonly undeletedInReplica: number;
  readonly extra: number;
}

const NOTHING = { objects: 0, unchanged: 0, undeleted: 0, undeletedInReplica: 0, extra: 0 };

async function planned(
  snapshot: readonly (readonly Entry[])[],
  target: readonly (readonly ObjectVersion[])[],
  rules: PlanRules,
  replica?: readonly (readonly ObjectVersion[])[],
): Promise<Outcome> {
  const todo: string[] = [];
  const sums = { ...NOTHING };
  for await (
    const batch of planKeys(
      batchesOf(snapshot),
      batchesOf(target),
      rules,
      replica && batchesOf(replica),
    )
  ) {
    for (let row = 0; row < batch.entries.length; row++) {
      const action = NAMES[batch.actions[row] as keyof typeof NAMES];
      todo.push(
        `${action} ${textAt(batch.entries.keys, row)} ${textAt(batch.entries.versionIds, row)}`,
      );
    }
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) {
      sums[name] += batch[name];
    }
  }
  return { todo, ...sums };
}

function outcome(given: Partial<Outcome>): Outcome {
  return { todo: [], ...NOTHING, ...given };
}

const wanted = entry({ key: "k", versionId: "v2", etag: "e2", size: 2 });
const current = { key: "k", etag: "e2", size: 2, isLatest: true };
const marker = { key: "k", etag: "", size: 0, isDeleteMarker: true };

const CASES: readonly {
  readonly what: string;
  readonly target: readonly ObjectVersion[];
  /** All versions of the replica, where delete markers are removed there, too. */
  readonly replica?: readonly ObjectVersion[];
  readonly rules?: PlanRules;
  readonly entry?: Entry;
  readonly expected: Partial<Outcome>;
}[] = [
  {
    what: "a key that the target never had is copied",
    target: [],
    rules: ELSEWHERE,
    expected: { todo: ["copy k v2"] },
  },
  {
    what: "the same version in the same bucket is right",
    target: [version({ ...current, versionId: "v2", etag: "differs" })],
    expected: { unchanged: 1 },
  },
  {
    what: "a null version that was written over is lost, though its successor is called null too",
    target: [version({ ...current, versionId: "null", etag: "differs" })],
    entry: { ...wanted, versionId: "null" },
    expected: { todo: ["missing k null"] },
  },
  {
    what: "the same version id in another bucket proves nothing without the same content",
    target: [version({ ...current, versionId: "v2", etag: "differs" })],
    rules: ELSEWHERE,
    expected: { todo: ["copy k v2"] },
  },
  {
    what: "the same ETag and size is right, whatever the version",
    target: [version({ ...current, versionId: "x" })],
    rules: ELSEWHERE,
    expected: { unchanged: 1 },
  },
  {
    what: "the same ETag with another size is not right",
    target: [version({ ...current, versionId: "x", size: 3 })],
    rules: ELSEWHERE,
    expected: { todo: ["copy k v2"] },
  },
  {
    what: "an ETag that is not known is no evidence",
    target: [version({ ...current, versionId: "x", etag: "" })],
    entry: { ...wanted, etag: "" },
    rules: ELSEWHERE,
    expected: { todo: ["copy k v2"] },
  },
  {
    what: "only the current version counts as right",
    target: [
      version({ ...current, versionId: "x", etag: "e3" }),
      version({ ...current, versionId: "y", isLatest: false }),
    ],
    rules: ELSEWHERE,
    expected: { todo: ["copy k v2"] },
  },
  {
    what: "a version that the target's own history holds is copied from there",
    target: [
      version({ ...current, versionId: "x", etag: "e3" }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    rules: ELSEWHERE,
    expected: { todo: ["copy own k v2"] },
  },
  {
    what: "delete markers on top of the wanted version are removed",
    target: [
      version({ ...marker, versionId: "m2", isLatest: true }),
      version({ ...marker, versionId: "m1" }),
      version({ ...current, versionId: "v2", isLatest: false }),
      version({ ...marker, versionId: "m0" }),
    ],
    expected: { todo: ["remove marker k m2", "remove marker k m1"], undeleted: 1 },
  },
  {
    what: "delete markers on top of another version stay",
    target: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "x", etag: "e3", isLatest: false }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    expected: { todo: ["copy own k v2"] },
  },
  {
    what: "delete markers of another bucket than the snapshot's stay",
    target: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    rules: ELSEWHERE,
    expected: { todo: ["copy own k v2"] },
  },
  {
    what: "delete markers on top of a copy of the wanted version are removed, too",
    target: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "copy", isLatest: false }),
      version({ ...marker, versionId: "m0" }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    expected: { todo: ["remove marker k m1"], undeleted: 1 },
  },
  {
    what: "a copy of what is lost comes back from below its delete marker",
    target: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "copy", isLatest: false }),
    ],
    expected: { todo: ["remove marker k m1"], undeleted: 1 },
  },
  {
    what: "a delete marker whose id an object may have taken meanwhile stays",
    target: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...marker, versionId: "null" }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    expected: { todo: ["copy own k v2"] },
  },
  {
    what: "a replica's delete marker whose id an object may have taken meanwhile stays",
    target: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    replica: [
      version({ ...marker, versionId: "null", isLatest: true }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    rules: UNDELETE,
    expected: { todo: ["copy own k v2"] },
  },
  {
    what: "a key that is right keeps such a delete marker in its replica",
    target: [version({ ...current, versionId: "v2" })],
    replica: [
      version({ ...marker, versionId: "null", isLatest: true }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    rules: UNDELETE,
    expected: { unchanged: 1 },
  },
  {
    what: "delete markers in the replica go first, so that a run cut off in between is noticed",
    target: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    replica: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...marker, versionId: "m0" }),
      version({ ...current, versionId: "v2", isLatest: false }),
      version({ ...marker, versionId: "older" }),
    ],
    rules: UNDELETE,
    expected: {
      todo: [
        "remove replica marker k m1",
        "remove replica marker k m0",
        "remove marker k m1",
      ],
      undeleted: 1,
      undeletedInReplica: 1,
    },
  },
  {
    what: "delete markers that were not replicated are removed from the target alone",
    target: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "x", isLatest: false }),
    ],
    replica: [version({ ...current, versionId: "v2" })],
    rules: UNDELETE,
    expected: { todo: ["remove marker k m1"], undeleted: 1 },
  },
  {
    what: "a key that is right loses the delete markers that its replica still has",
    target: [version({ ...current, versionId: "v2" })],
    replica: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    rules: UNDELETE,
    expected: { todo: ["remove replica marker k m1"], unchanged: 1, undeletedInReplica: 1 },
  },
  {
    what: "delete markers stay where the replica would show something else without its own",
    target: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    replica: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "v3", etag: "e3", isLatest: false }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    rules: UNDELETE,
    expected: { todo: ["copy own k v2"] },
  },
  {
    what: "delete markers stay where the target would show something else without them",
    target: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "v3", etag: "e3", isLatest: false }),
    ],
    replica: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    rules: UNDELETE,
    expected: { todo: ["remove replica marker k m1", "copy k v2"], undeletedInReplica: 1 },
  },
  {
    what: "an archived version and its replica's delete markers stay until it can be copied",
    target: [],
    replica: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    entry: { ...wanted, storageClass: "GLACIER" },
    rules: UNDELETE,
    expected: { todo: ["copy archived k v2"] },
  },
  {
    what: "a key that the replica has lost is copied from the target's own history",
    target: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    replica: [version({ ...marker, versionId: "m1", isLatest: true })],
    rules: UNDELETE,
    expected: { todo: ["copy own k v2"] },
  },
  {
    what: "without undelete the target's own delete markers stay, too",
    target: [
      version({ ...marker, versionId: "m1", isLatest: true }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    rules: { ...IN_PLACE, undelete: false },
    expected: { todo: ["copy own k v2"] },
  },
  {
    what: "an archived version is told apart",
    target: [],
    entry: { ...wanted, storageClass: "DEEP_ARCHIVE" },
    rules: ELSEWHERE,
    expected: { todo: ["copy archived k v2"] },
  },
  {
    what: "an archived version that the target holds unarchived is copied from there",
    target: [
      version({ ...current, versionId: "x", etag: "e3" }),
      version({ ...current, versionId: "v2", isLatest: false }),
    ],
    entry: { ...wanted, storageClass: "GLACIER" },
    rules: ELSEWHERE,
    expected: { todo: ["copy own k v2"] },
  },
];

for (const { what, target, replica, rules = IN_PLACE, entry: one = wanted, expected } of CASES) {
  Deno.test(what, async () => {
    assert.deepEqual(
      await planned([[one]], [target], rules, replica && [replica]),
      outcome({ objects: 1, ...expected }),
    );
  });
}

Deno.test("a plan tells what each copy and deletion will replace", async () => {
  const entries = ["a", "b", "c", "d"].map((key) => entry({ ...wanted, key }));
  const target = [
    version({ ...current, key: "a", etag: "e3" }),
    version({ ...current, key: "a", etag: "e1", isLatest: false }),
    version({ ...marker, key: "b", isLatest: true }),
    version({ ...current, key: "b", etag: "e3", isLatest: false }),
    version({ ...current, key: "d", etag: "" }),
    version({ ...current, key: "e", etag: "e5" }),
  ];
  const rules = { ...ELSEWHERE, delete: true };
  for (const length of [1, 2, 9]) {
    const seen: string[] = [];
    for await (
      const { entries: todo, seenETags } of planKeys(
        batchesOf(cut(entries, length)),
        batchesOf(cut(target, length)),
        rules,
      )
    ) {
      for (let row = 0; row < todo.length; row++) {
        seen.push(`${textAt(todo.keys, row)}=${textAt(seenETags, row)}`);
      }
    }
    assert.deepEqual(seen, ["a=e3", "b=", "c=", "d=*", "e=e5"]);
  }
});

Deno.test("keys that the snapshot lacks are counted, or deleted on request", async () => {
  const target = [
    version({ key: "a", versionId: "a2", isLatest: true }),
    version({ key: "a", versionId: "a1" }),
    version({ key: "b", versionId: "b2", isDeleteMarker: true, isLatest: true }),
    version({ key: "b", versionId: "b1" }),
  ];
  assert.deepEqual(await planned([], [target], ELSEWHERE), outcome({ extra: 1 }));
  assert.deepEqual(
    await planned([], [target], { ...ELSEWHERE, delete: true }),
    outcome({ todo: ["delete a a2"] }),
  );
});

Deno.test("a plan is the same however the two streams are cut into batches", async () => {
  const key = fc.constantFrom("a", "b", "c", "d", "e", "f");
  const entries = fc.uniqueArray(key).map((keys) =>
    keys.sort().map((name) => entry({ key: name, versionId: "v1", etag: "e1" }))
  );
  const versions = fc.array(
    fc.record({
      key,
      versionId: fc.constantFrom("v1", "v2", "null"),
      isDeleteMarker: fc.boolean(),
    }),
    { maxLength: 15 },
  ).map((all) =>
    all.sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
      .map((given) => version({ ...given, etag: `e${given.versionId[1]}` }))
  );
  const rules = fc.record({ delete: fc.boolean(), inPlace: fc.boolean(), undelete: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      entries,
      versions,
      versions,
      rules,
      fc.integer({ min: 1, max: 4 }),
      async (snapshot, target, replica, how, length) => {
        assert.deepEqual(
          await planned(cut(snapshot, length), cut(target, length), how, cut(replica, length)),
          await planned([snapshot], [target], how, [replica]),
        );
      },
    ),
    runs(200),
  );
});

function cut<Item>(items: readonly Item[], length: number): Item[][] {
  const groups: Item[][] = [];
  for (let from = 0; from < items.length; from += length) {
    groups.push(items.slice(from, from + length), []);
  }
  return groups;
}
