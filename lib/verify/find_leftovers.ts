import { isLegacyName, legacyMarkName } from "../legacy/legacy_name.ts";
import type { Manifest } from "../model/manifest.ts";
import {
  expiredMarkName,
  isSnapshotId,
  manifestName,
  partName,
  pinnedMarkName,
} from "../model/snapshot_id.ts";
import type { SnapshotStore, StoreItem } from "../model/store.ts";
import type { Leftover } from "./report.ts";

/** What a store lists of one snapshot. */
interface Group {
  readonly id: string;
  readonly items: StoreItem[];
}

/**
 * Files that belong to no point. Holds the names of one snapshot's files at a time.
 *
 * @param manifests Of the snapshots that can be read, by id.
 * @throws {StoreError} when the store cannot be listed
 */
export async function findLeftovers(
  store: SnapshotStore,
  manifests: ReadonlyMap<string, Manifest>,
  signal: AbortSignal,
): Promise<Leftover[]> {
  const found: (Leftover | undefined)[] = [];
  const marks = new LegacyMarks();
  let group: Group | undefined;
  const endGroup = () => {
    if (group) found.push(leftoverOf(group, manifests.get(group.id)));
    group = undefined;
  };
  for await (const item of store.list({ signal })) {
    const slash = item.name.indexOf("/");
    const id = item.name.slice(0, Math.max(0, slash));
    if (slash < 0) marks.see(item);
    if (!isSnapshotId(id)) continue;
    // Names come in order, so those of one snapshot come together.
    if (group?.id !== id) endGroup();
    group ??= { id, items: [] };
    group.items.push(item);
  }
  endGroup();
  return [...found.filter((each) => each !== undefined), ...marks.left()];
}

/** Marks of the files of 2015 whose file is gone. */
class LegacyMarks {
  readonly #files = new Set<string>();
  readonly #others: StoreItem[] = [];

  see(item: StoreItem): void {
    if (isLegacyName(item.name)) this.#files.add(item.name);
    else this.#others.push(item);
  }

  left(): Leftover[] {
    return this.#others.flatMap(({ name, size }) => {
      const id = name.slice(0, -legacyMarkName("").length);
      return this.#files.has(id) ? [] : [{ id, kind: "removal", files: 1, bytes: size }];
    });
  }
}

function leftoverOf({ id, items }: Group, manifest: Manifest | undefined): Leftover | undefined {
  if (items.some(({ name }) => name === manifestName(id))) {
    if (!manifest) return;
    const files = manifest.parts.flatMap(({ name, patch }) => patch ? [name, patch.name] : [name]);
    const named = new Set(files.map((name) => partName(id, name)));
    for (const name of [manifestName, expiredMarkName, pinnedMarkName]) named.add(name(id));
    return count(id, "stray", items.filter(({ name }) => !named.has(name)));
  }
  const isRemoval = items.some(({ name }) => name === expiredMarkName(id));
  return count(id, isRemoval ? "removal" : "unfinished", items);
}

function count(
  id: string,
  kind: Leftover["kind"],
  items: readonly StoreItem[],
): Leftover | undefined {
  if (items.length === 0) return;
  const bytes = items.reduce((sum, { size }) => sum + size, 0);
  return { id, kind, files: items.length, bytes };
}
