/** A situation that asks for all that a command needs, and what comes of it. */
import type { PermissionName } from "../../cli/init/permissions.ts";
import type { RestoreReport } from "../../lib/restore/restore_report.ts";
import type { PermissionWorld } from "./permission_world.ts";

/** One line of the list of permissions, tried. */
export interface PermissionCase {
  /** What is run. */
  readonly command: string;
  /** Lines of which every action must be needed. Default: the one of the command's name. */
  readonly names?: readonly PermissionName[];
  /** Lines that these come on top of. Default: none. */
  readonly besides?: readonly PermissionName[];
  /** Whether the versions are in a bucket of their own. */
  readonly replicated: boolean;
  /** Makes the situation. */
  readonly prepare: (world: PermissionWorld) => Promise<unknown>;
  /** Runs the command with limited permissions. @returns What is to come of it, the same each time */
  readonly run: (world: PermissionWorld) => Promise<unknown>;
  /** Holds of what comes of it, so that the situation is known to be what it is meant to be. */
  readonly expect: (outcome: string) => boolean;
}

/** What a restore or a sync comes to, and what the bucket that it wrote to shows then. */
export function outcomeOf(
  { copied, undeleted, undeletedInReplica, deleted, archived, thawing, failed }: RestoreReport,
  contents: unknown,
): unknown {
  const failures = failed.map(({ key, code }) => `${key} ${code}`).sort();
  const counts = { copied, undeleted, undeletedInReplica, deleted, archived, thawing };
  return { ...counts, failures, contents };
}
