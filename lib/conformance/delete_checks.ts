import type { StoreCheck } from "./check.ts";
import { bodyOf, sampleBytes } from "./bodies.ts";
import { expectBytes, expectMissing, expectNames } from "./expect.ts";

/** What `delete` promises. */
export const deleteChecks: readonly StoreCheck[] = [
  {
    name: "deletes exactly the name that it is given",
    async run({ store }): Promise<void> {
      const names = ["b/na", "b/name", "b/name-2", "b/name0", "c/name"];
      for (const name of names) await store.put(name, bodyOf(sampleBytes(10)));
      await store.delete("b/name");
      await expectMissing(store, "b/name");
      await expectNames(store, names.filter((name) => name !== "b/name"));
      await store.delete("b");
      await store.delete("b/name-2/x");
      await expectNames(store, names.filter((name) => name !== "b/name"));
    },
  },
  {
    name: "deletes a missing name without complaint",
    async run({ store }): Promise<void> {
      for (const name of ["missing", "no/such/folder"]) await store.delete(name);
      await store.put("name", bodyOf(sampleBytes(10)));
      await store.delete("name");
      await store.delete("name");
      await expectNames(store, []);
    },
  },
  {
    name: "takes a name again after it was deleted, while its folder comes and goes",
    async run({ store }): Promise<void> {
      for (let i = 0; i < 5; i++) {
        const puts = ["a", "b", "c"].map((name) => {
          return store.put(`folder/${name}/x`, bodyOf(sampleBytes(i * 10)));
        });
        await Promise.all([...puts, store.delete("folder/b/x"), store.delete("folder/c/y")]);
        await store.put("folder/b/x", bodyOf(sampleBytes(i * 10)));
        for (const name of ["a", "b", "c"]) {
          await expectBytes(store, `folder/${name}/x`, sampleBytes(i * 10));
        }
        await Promise.all(["a", "b", "c"].map((name) => store.delete(`folder/${name}/x`)));
        await expectNames(store, []);
      }
    },
  },
];
