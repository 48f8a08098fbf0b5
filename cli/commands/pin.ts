import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import type { PinOptions } from "../../lib/pin_snapshots.ts";
import { globalsOf, lockOwner, noLockOption } from "../global_options.ts";

/** `pin`: keep a snapshot whatever the retention rules say. */
export function pinCommand() {
  return markCommand(
    "pin",
    "keep a snapshot whatever the retention rules say",
    "pinned",
    async () => (await import("../../lib/pin_snapshots.ts")).pinSnapshot,
  );
}

/** `unpin`: leave a snapshot to the retention rules again. */
export function unpinCommand() {
  return markCommand(
    "unpin",
    "leave a snapshot to the retention rules again",
    "unpinned",
    async () => (await import("../../lib/pin_snapshots.ts")).unpinSnapshot,
  );
}

function markCommand(
  name: string,
  description: string,
  done: string,
  load: () => Promise<(options: PinOptions) => Promise<string>>,
) {
  return new Command(name)
    .description(description)
    .argument("<snapshot>", "id, beginning of one, latest, or latest~N")
    .addOption(noLockOption())
    .action(async (snapshot, { lock }, command) => {
      const { withRun } = await import("../with_run.ts");
      const mark = await load();
      await withRun(globalsOf(command), async (run) => {
        const { signal } = run;
        const bucket = run.openReplica();
        const store = await run.openStore();
        const source = run.settings.source === undefined ? {} : {
          source: run.openSource().identity(),
        };
        const options = { ...source, snapshot, store, bucket, lock, owner: lockOwner(), signal };
        const id = await run.stoppable("", () => mark(options));
        const outcome = { objects: 1, bytes: 0, failures: 0 };
        await run.report({ id, pinned: name === "pin" }, `${id} is ${done}\n`, outcome);
      });
    });
}
