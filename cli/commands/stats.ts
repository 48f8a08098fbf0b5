import type { RetentionTask } from "../../lib/stats.ts";
import { globalsOf } from "../global_options.ts";
import { renderStats } from "../render_stats.ts";
import { hasRule, retentionCommand, retentionOf } from "../retention_options.ts";
import type { Run } from "../run.ts";
import { tellUnreadable } from "../unreadable_points.ts";

/** `stats`: what the restoration points hold. */
export function statsCommand() {
  return retentionCommand("stats")
    .description("tell what each snapshot holds alone, what is new in it, and what gc would free")
    .action(async (rules, command) => {
      const { withRun } = await import("../with_run.ts");
      await withRun(globalsOf(command), runStats, { retention: retentionOf(rules) });
    });
}

async function runStats(run: Run): Promise<void> {
  const { stats } = await import("../../lib/stats.ts");
  const { signal, progress: { onProgress } } = run;
  const store = await run.openStore();
  const options = { store, retention: retentionTask(run), signal, onProgress };
  const report = await run.stoppable("", () => stats(options));
  run.progress.clear();
  if (run.options.json) await run.output.writeJson(report);
  else await run.output.write(renderStats(report, store.url));
  tellUnreadable(run, report.points);
}

/** Undefined without rules. @throws {InputError} when nothing says whose points they are for */
function retentionTask(run: Run): RetentionTask | undefined {
  const { retention: policy, source } = run.settings;
  if (!hasRule(policy)) return;
  return {
    policy,
    bucket: run.openReplica().identity(),
    source: source === undefined ? undefined : run.openSource().identity(),
    now: Date.now(),
  };
}
