import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import type { UnlockReport } from "../../lib/unlock.ts";
import { UsageError } from "../errors.ts";
import { printable } from "../format.ts";
import { globalsOf } from "../global_options.ts";

/** `unlock`: end the lock of a holder that is dead. */
export function unlockCommand() {
  return new Command("unlock")
    .description(
      "tell who holds the store's lock, and end it; without it, a dead one ends by itself",
    )
    .option("--dry-run", "only tell who holds it")
    .action(async ({ dryRun = false }, command) => {
      const { withRun } = await import("../with_run.ts");
      const { unlock } = await import("../../lib/unlock.ts");
      await withRun(globalsOf(command), async (run) => {
        const bucket = run.openReplica();
        const options = { store: await run.openStore(), bucket, signal: run.signal };
        const found = await unlock({ ...options, dryRun: true });
        const isEnded = !dryRun && found.state !== "free";
        if (isEnded) {
          // Ended under a holder that works, the lock protects nothing of what it does.
          if (!run.mustAsk && !run.options.yes) throw unasked(found);
          await run.confirm(renderLock(found), "Is its holder dead for certain?");
          await unlock(options);
        }
        if (run.options.json) await run.output.writeJson({ dryRun, ...found });
        else await run.output.write(renderLock(found) + (isEnded ? "The lock was ended.\n" : ""));
      });
    });
}

function unasked(found: UnlockReport): UsageError {
  return new UsageError(
    `${renderLock(found).trimEnd()} unlock cannot ask here whether its holder is dead: if it is ` +
      `for certain, say so with --yes; otherwise the lock ends by itself within about a minute`,
  );
}

function renderLock({ state, holder }: UnlockReport): string {
  if (state === "free") return "The store is not locked.\n";
  if (!holder) return "The store's lock is damaged: nobody can tell whose it is.\n";
  const { owner, purpose, since, expiresAt } = holder;
  return `The store is locked by ${printable(owner)} for ${printable(purpose)}, since ${since}, ` +
    `until ${expiresAt}.\n`;
}
