import { Command, type CommandUnknownOpts } from "npm:@commander-js/extra-typings@15.1.0";
import { COMPLETE_COMMAND } from "../completion_scripts.ts";

/** The hidden command that completion scripts ask. It never fails: who completes wants no errors. */
export function completeCommand(program: CommandUnknownOpts) {
  return new Command(COMPLETE_COMMAND)
    .argument("[words...]")
    .action(async (words) => {
      const { complete } = await import("../complete.ts");
      const { completionValues } = await import("../completion_values.ts");
      const { Output } = await import("../output.ts");
      const output = new Output(Deno.stdout);
      const candidates = await complete(program, words, completionValues(words));
      await output.write(candidates.map((candidate) => `${candidate}\n`).join(""));
      await output.flush();
    });
}
