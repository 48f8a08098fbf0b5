import { Argument, Command } from "npm:@commander-js/extra-typings@15.1.0";
import { COMPLETION_SCRIPTS, SHELLS } from "../completion_scripts.ts";

/** `completions`: what teaches a shell to complete this command. */
export function completionsCommand() {
  return new Command("completions")
    .description("print what teaches a shell to complete commands, options, sets and snapshots")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .action(async (shell) => {
      const { Output } = await import("../output.ts");
      const output = new Output(Deno.stdout);
      await output.write(COMPLETION_SCRIPTS[shell]);
      await output.flush();
    });
}
