import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import type { DiffOptions } from "../../lib/diff.ts";
import type { Change } from "../../lib/diff/change.ts";
import { globalsOf } from "../global_options.ts";
import {
  NO_DIFFERENCE,
  renderChange,
  renderStat,
  renderTotals,
  STAT_HEAD,
} from "../render_diff.ts";
import type { Run } from "../run.ts";

/** What `diff` takes besides the snapshots. */
interface Flags {
  readonly prefix?: string | undefined;
  readonly stat?: true | undefined;
}

/** `diff`: what lies between two snapshots, or between one and the bucket. */
export function diffCommand() {
  return new Command("diff")
    .description("tell what was added, removed and changed since a snapshot")
    .argument("<snapshot>", "id, beginning of one, latest, or latest~N")
    .argument("[other]", "a later snapshot; left out: the bucket as it is now")
    .option("--prefix <prefix>", "only keys that begin with it")
    .option("--stat", "sums for each first segment of the keys' paths")
    .action(async (snapshot, other, flags, command) => {
      const { withRun } = await import("../with_run.ts");
      await withRun(globalsOf(command), (run) => runDiff(run, snapshot, other, flags));
    });
}

async function runDiff(
  run: Run,
  from: string,
  to: string | undefined,
  { prefix, stat }: Flags,
): Promise<void> {
  const { diffBatches } = await import("../../lib/diff.ts");
  const options: DiffOptions = {
    store: await run.openStore(),
    from,
    ...(to === undefined ? { buckets: bucketsOf(run) } : { to }),
    ...(prefix !== undefined && { prefix }),
    signal: run.signal,
  };
  const changes = diffBatches(options);
  await run.stoppable("", () => stat ? tellStat(run, changes, prefix) : tellChanges(run, changes));
}

/** The replica's snapshots, and those that restores made of the source. */
function bucketsOf(run: Run) {
  const { source, replica } = run.settings;
  const buckets = [run.openReplica()];
  return source === undefined || source === replica ? buckets : [...buckets, run.openSource()];
}

async function tellChanges(run: Run, batches: AsyncIterable<Change[]>): Promise<void> {
  const { countChange, emptyStat } = await import("../../lib/diff/stat.ts");
  const total = emptyStat("");
  for await (const changes of batches) {
    for (const change of changes) {
      countChange(total, change);
      if (run.options.json) await run.output.writeJson(lineOf(change));
      else await run.output.write(renderChange(change));
    }
  }
  if (!run.options.json) await run.output.write(renderTotals(total));
}

async function tellStat(
  run: Run,
  batches: AsyncIterable<Change[]>,
  prefix: string | undefined,
): Promise<void> {
  const { diffStat } = await import("../../lib/diff/stat.ts");
  let rows = 0;
  for await (const stat of diffStat(batches, prefix)) {
    if (run.options.json) await run.output.writeJson(stat);
    else await run.output.write((rows === 0 ? STAT_HEAD : "") + renderStat(stat));
    rows++;
  }
  if (rows === 0 && !run.options.json) await run.output.write(NO_DIFFERENCE);
}

function lineOf({ change, key, before, after }: Change) {
  return { change, key, before: sideOf(before), after: sideOf(after) };
}

function sideOf(entry: Change["before"]) {
  if (!entry) return null;
  const { versionId, size, etag, lastModified, storageClass } = entry;
  return {
    versionId,
    size,
    etag,
    lastModified: new Date(lastModified).toISOString(),
    storageClass,
  };
}
