import { BackupError } from "../model/errors.ts";
import type { OpenedRestore } from "../restore_plan.ts";
import type { Bucket } from "../s3/bucket.ts";
import { nearestKey } from "./nearest_key.ts";
import type { RestoreReport } from "./restore_report.ts";
import type { SelectOptions } from "./selection.ts";
import { isSafetySnapshot } from "./wanted.ts";

/** Where was looked, and whether it may be in vain. */
export interface SelectedOptions {
  /** Where keys may lie besides; undefined for a download. */
  readonly target?: Bucket;
  /** Whether that nothing is selected is as well. Default: false. */
  readonly allowEmpty?: boolean;
}

/**
 * Tell of a restore that had nothing to be about: keys were selected, and neither side has one of
 * them, as where a prefix was mistyped. What undoes a restore may find that it was undone already.
 *
 * @throws {BackupError} `NothingSelected`, with what keys look like
 */
export async function assertSelected(
  opened: OpenedRestore,
  { interrupted, objects, absent, extra, deleted }: RestoreReport,
  { target, allowEmpty = false }: SelectedOptions,
): Promise<void> {
  const { options, wanted, source } = opened;
  const asked = describe(options);
  if (objects + absent + extra + deleted > 0 || asked === undefined) return;
  if (interrupted || allowEmpty || isSafetySnapshot(wanted)) return;
  const holder = wanted.kind === "snapshot"
    ? `snapshot ${wanted.name}`
    : `${source.url} as it was at ${wanted.name}`;
  const places = target ? `, neither in ${holder} nor in ${target.url}` : ` in ${holder}`;
  throw new BackupError(
    "NothingSelected",
    `nothing is selected, and nothing was done: there is no key that ${asked}${places}` +
      await hintOf(opened),
  );
}

/** The conditions in words; undefined where there are none. */
function describe(
  { prefixes = [], keys, include = [], exclude = [] }: SelectOptions,
): string | undefined {
  const conditions = [
    ...(keys ? [`is one of the ${keys.length} that are named`] : []),
    ...(prefixes.length > 0 ? [`begins with ${anyOf(prefixes)}`] : []),
    ...(include.length > 0 ? [`matches ${anyOf(include)}`] : []),
    ...(exclude.length > 0 ? [`does not match ${anyOf(exclude)}`] : []),
  ];
  return conditions.length === 0 ? undefined : conditions.join(" and ");
}

function anyOf(texts: readonly string[]): string {
  return texts.map((text) => JSON.stringify(text)).join(" or ");
}

/** How much a snapshot holds, and one of its keys. A bucket is not listed for that. */
async function hintOf(
  { wanted, options: { prefixes: [prefix = ""] = [], signal } }: OpenedRestore,
): Promise<string> {
  if (wanted.kind !== "snapshot") return "";
  const { objects } = wanted.point.totals;
  const example = await nearestKey(wanted, prefix, signal);
  return `. The snapshot holds ${objects} object${objects === 1 ? "" : "s"}` +
    (example === undefined ? "" : `, such as ${JSON.stringify(example)}`);
}
