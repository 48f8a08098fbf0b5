import { Command } from "npm:@commander-js/extra-typings@15.1.0";
import type { Entry } from "../../lib/model/entry.ts";
import { formatBytes, formatTime, printable } from "../format.ts";
import { globalsOf } from "../global_options.ts";

/** So wide is the widest size: `1023.9 KiB`. */
const SIZE_WIDTH = 10;

/** `ls`: what a snapshot holds. */
export function lsCommand() {
  return new Command("ls")
    .description("list the objects that a snapshot holds")
    .argument("<snapshot>", "id, beginning of one, latest, or latest~N")
    .option("--prefix <prefix>", "only keys that begin with it")
    .action(async (snapshot, { prefix }, command) => {
      const { withRun } = await import("../with_run.ts");
      const { readSnapshot } = await import("../../lib/read_snapshot.ts");
      await withRun(globalsOf(command), async (run) => {
        const { output, signal, options: { json } } = run;
        const store = await run.openStore();
        const options = { snapshot, store, signal, ...(prefix !== undefined && { prefix }) };
        await run.stoppable("", async () => {
          for await (const entry of readSnapshot(options)) {
            if (json) await output.writeJson(lineOf(entry));
            else await output.write(renderEntry(entry));
          }
        });
      });
    });
}

function lineOf({ key, versionId, size, etag, lastModified, storageClass }: Entry) {
  const time = new Date(lastModified).toISOString();
  return { key, versionId, size, etag, lastModified: time, storageClass };
}

function renderEntry({ key, size, lastModified }: Entry): string {
  const time = formatTime(new Date(lastModified).toISOString());
  return `${time}  ${formatBytes(size).padStart(SIZE_WIDTH)}  ${printable(key)}\n`;
}
