import type { Change } from "./change.ts";

/** How much changed below one prefix. */
export interface DiffStat {
  /** The beginning that the keys share, with the slash at its end; the keys beside it all have none. */
  readonly prefix: string;
  /** Keys that were added. */
  readonly added: number;
  /** Keys that were removed. */
  readonly removed: number;
  /** Keys whose object changed. */
  readonly changed: number;
  /** Sum of the sizes, before, of what was removed or changed. */
  readonly bytesBefore: number;
  /** Sum of the sizes, after, of what was added or changed. */
  readonly bytesAfter: number;
}

/** What {@linkcode countChange} counts on. */
export type DiffTally = { -readonly [Name in keyof DiffStat]: DiffStat[Name] };

/** Nothing yet. */
export function emptyStat(prefix: string): DiffTally {
  return { prefix, added: 0, removed: 0, changed: 0, bytesBefore: 0, bytesAfter: 0 };
}

/** One change more. */
export function countChange(tally: DiffTally, { change, before, after }: Change): void {
  tally[change]++;
  tally.bytesBefore += before?.size ?? 0;
  tally.bytesAfter += after?.size ?? 0;
}

/**
 * Sum changes up by the first segment of their keys' path: `photos/` for `photos/2026/1.jpg`. Keys
 * without a further slash are summed up in the last one, whose `prefix` is the directory itself.
 * Changes come in key order, which keeps each segment together, so a single sum is held at a time.
 *
 * @param changes As {@linkcode diffBatches} gives them.
 * @param prefix Where all of the keys begin: the segments are those below its last slash.
 *
 * @example
 * ```ts ignore
 * const changes = diffBatches({ store, from: "latest~1", to: "latest" });
 * for await (const { prefix, added, removed } of diffStat(changes)) {
 *   console.log(prefix, added, removed);
 * }
 * ```
 */
export async function* diffStat(
  changes: AsyncIterable<readonly Change[]>,
  prefix = "",
): AsyncGenerator<DiffStat> {
  const directory = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const beside = emptyStat(directory);
  let segment: DiffTally | undefined;
  for await (const batch of changes) {
    for (const change of batch) {
      const name = segmentOf(change.key, directory);
      if (name !== directory && name !== segment?.prefix) {
        if (segment) yield segment;
        segment = emptyStat(name);
      }
      countChange(name === directory ? beside : segment!, change);
    }
  }
  if (segment) yield segment;
  if (beside.added + beside.removed + beside.changed > 0) yield beside;
}

function segmentOf(key: string, directory: string): string {
  const end = key.indexOf("/", directory.length);
  return end < 0 ? directory : key.slice(0, end + 1);
}
