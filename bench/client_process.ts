import { fileURLToPath } from "node:url";
import type { TaskAnswer, TaskName, TaskOptions } from "./tasks/tasks.ts";

const MAIN = fileURLToPath(new URL("client.ts", import.meta.url));

/** What a client process says about itself when its task is done. */
export interface ClientReport<Answer> {
  readonly answer: Answer;
  /** The task alone, without the start of the process. */
  readonly wallSeconds: number;
  /** The task alone, user and system. */
  readonly cpuSeconds: number;
  /** Of the whole process. */
  readonly peakMiB: number;
}

/**
 * Run a task of `bench/tasks/` in a process of its own, so that neither the server's work nor what
 * ran before counts.
 *
 * @throws {Error} when the process fails; what it said is on stderr
 */
export async function runClient<Name extends TaskName>(
  task: Name,
  options: TaskOptions<Name>,
): Promise<ClientReport<TaskAnswer<Name>>> {
  const [program, ...args] = clientCommand(task, options);
  const { code, stdout } = await new Deno.Command(program, {
    args,
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error(`the client process for ${task} ended with code ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The program that runs a task, and its arguments. */
export function clientCommand<Name extends TaskName>(
  task: Name,
  options: TaskOptions<Name>,
): [program: string, ...args: string[]] {
  const args = ["run", "--quiet", "--no-prompt", "--allow-all", MAIN, task];
  return [Deno.execPath(), ...args, JSON.stringify(options)];
}
