import { answerAtHand } from "./answer_at_hand.ts";
import { EXIT } from "./exit_codes.ts";
import { Output } from "./output.ts";

/** Run a command line. @returns The exit code */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await run(args);
    return EXIT.done;
  } catch (error) {
    const { tell } = await import("./tell.ts");
    return tell(error, args);
  }
}

async function run(args: readonly string[]): Promise<void> {
  const answer = answerAtHand(args);
  if (answer === undefined) {
    const { runProgram } = await import("./program.ts");
    return await runProgram(args);
  }
  const output = new Output(Deno.stdout);
  await output.write(answer);
  await output.flush();
}
