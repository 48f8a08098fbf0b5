import assert from "node:assert/strict";
import type { SnapshotStore } from "../model/store.ts";
import type { StoreCheck } from "./check.ts";
import { bodyOf, sampleBytes } from "./bodies.ts";
import { expectNames, listAll } from "./expect.ts";

/** Ascending as bytes; every walk that treats "/" apart, or ignores case, gets it wrong. */
const ORDERED: readonly string[] = [
  "X",
  "x+1",
  "x-1",
  "x-1-2/a",
  "x.1",
  "x/0",
  "x/A",
  "x/a-b",
  "x/a.b",
  "x/a/b",
  "x/a0",
  "x/a_b",
  "x/b",
  "x0",
  "xA",
  "x_1",
  "xa",
];

/** Enough for two pages where pages are small. */
const MANY = 40;

async function putAll(store: SnapshotStore, names: readonly string[]): Promise<void> {
  for (const [i, name] of names.entries()) await store.put(name, bodyOf(sampleBytes(i)));
}

function manyNames(): string[] {
  return Array.from({ length: MANY }, (_, i) => {
    return `${String(Math.floor(i / 8)).padStart(2, "0")}/part-${String(i).padStart(5, "0")}`;
  });
}

/** What `list` promises. */
export const listChecks: readonly StoreCheck[] = [
  {
    name: "lists names ascending by their bytes, whatever order they were put in",
    async run({ store }): Promise<void> {
      await putAll(store, [...ORDERED.slice(7), ...ORDERED.slice(0, 7).reverse()]);
      await expectNames(store, ORDERED);
    },
  },
  {
    name: "lists the size that get delivers",
    async run({ store }): Promise<void> {
      const sizes = [0, 1, 255, 65_536, 300_001];
      for (const size of sizes) await store.put(`size-${size}`, bodyOf(sampleBytes(size)));
      for (const { name, size } of await listAll(store)) assert.equal(name, `size-${size}`);
    },
  },
  {
    name: "lists what begins with a prefix, which may be any string",
    async run({ store }): Promise<void> {
      await putAll(store, ORDERED);
      const prefixes = ["", "x", "x/", "x/a", "x/a/", "x/a/b", "x/a/b/", "X", "x-1", "y", "x//"];
      for (
        const prefix of [...prefixes, "é", "\0", "..", "/", "*", "%", "x%", "x_", "\\", "x/a\n"]
      ) {
        await expectNames(store, ORDERED.filter((name) => name.startsWith(prefix)), prefix);
      }
    },
  },
  {
    name: "lists an empty store",
    async run({ store }): Promise<void> {
      await expectNames(store, []);
      await expectNames(store, [], "a/");
    },
  },
  {
    name: "lets go when the loop is left",
    async run({ store }): Promise<void> {
      const names = manyNames();
      await putAll(store, names);
      for await (const { name } of store.list()) {
        assert.equal(name, names[0]);
        break;
      }
      await store.delete(names[0]!);
      await store.put(names[1]!, bodyOf(sampleBytes(1)));
      await expectNames(store, names.slice(1));
    },
  },
  {
    name: "serves two lists at once",
    async run({ store }): Promise<void> {
      const names = manyNames();
      await putAll(store, names);
      const seen: string[] = [];
      for await (const { name } of store.list()) {
        if (seen.push(name) % 20 === 1) await expectNames(store, names);
      }
      assert.deepEqual(seen, names);
    },
  },
  {
    name: "misses nothing while what was listed is deleted",
    async run({ store }): Promise<void> {
      const names = manyNames();
      await putAll(store, names);
      const seen: string[] = [];
      for await (const { name } of store.list()) {
        seen.push(name);
        await store.delete(name);
      }
      assert.deepEqual(seen, names);
      await expectNames(store, []);
    },
  },
  {
    name: "shows what stays, once and in order, while other names come",
    async run({ store }): Promise<void> {
      const names = manyNames();
      await putAll(store, names);
      const seen: string[] = [];
      for await (const { name } of store.list()) {
        assert.ok(!seen.includes(name), `${name} is listed twice`);
        seen.push(name);
        if (!names.includes(name)) continue;
        // Before what was listed, and right after it.
        await store.put(`${names[0]}-${seen.length}`, bodyOf(sampleBytes(2)));
        await store.put(`${name}-new`, bodyOf(sampleBytes(2)));
      }
      assert.deepEqual(seen.filter((name) => names.includes(name)), names);
      assert.deepEqual(seen, seen.toSorted(), "not ascending");
    },
  },
];
