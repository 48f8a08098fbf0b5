import { StoreError } from "../lib/model/errors.ts";
import type { SnapshotStore } from "../lib/model/store.ts";
import { hookStore } from "./hooked_store.ts";

/** A view of a store that still lists these files, and has lost what was in them. */
export function losing(store: SnapshotStore, ...names: readonly string[]): SnapshotStore {
  return hookStore(store, {
    before: ({ operation, name }) => {
      if (operation !== "get" || !names.includes(name)) return;
      throw new StoreError("NotFound", `there is no ${name} in ${store.url}`);
    },
  });
}
