import { InputError } from "../model/errors.ts";
import type { OpenedRestore } from "../restore_plan.ts";
import { firstOfEmptied } from "./emptied_target.ts";
import type { RestoreOptions } from "./restore_options.ts";
import { isSafetySnapshot } from "./wanted.ts";

/**
 * Refuse a restore with `delete` that would delete all that is selected, because what it restores
 * holds nothing of it: that is mostly the wrong snapshot or moment. What undoes a restore may, since
 * it was stored when there was nothing.
 *
 * @throws {InputError} as said; otherwise as `firstOfEmptied`
 */
export async function assertNotEmptied(
  opened: OpenedRestore,
  { delete: isDeleting = false, allowEmpty = false, target, toPrefix = "" }: RestoreOptions,
): Promise<void> {
  const { wanted, selection: { scopes, matches } } = opened;
  if (!isDeleting || allowEmpty || isSafetySnapshot(wanted)) return;
  const first = await firstOfEmptied(opened);
  if (first === undefined) return;
  const below = scopes.filter((scope) => toPrefix + scope !== "")
    .map((scope) => JSON.stringify(toPrefix + scope));
  const what = matches ? "nothing that is selected" : "nothing";
  const holder = wanted.kind === "snapshot"
    ? `snapshot ${wanted.name} holds ${what}`
    : `by its versions, ${wanted.source.url} held ${what} at ${wanted.name}`;
  throw new InputError(
    `${holder}, so that every ${matches ? "selected " : ""}object of ${target.url}` +
      `${below.length > 0 ? ` below ${below.join(", ")}` : ""} would be deleted, ` +
      `${JSON.stringify(first)} first. Nothing was changed: name another snapshot or moment, or ` +
      `allow it (--allow-empty, or allowEmpty: true)`,
  );
}
