/** What a program took, from its start to its end. */
export interface Metered {
  readonly wallSeconds: number;
  /** Its own and its children's, user and system. */
  readonly cpuSeconds: number;
}

/** Runs the program given as arguments, then says what it took: POSIX has it in every shell. */
const SCRIPT = `"$@" >/dev/null || exit; times >&2`;

/**
 * Run a program whose output nobody wants.
 *
 * @param env Added to the environment.
 * @throws {Error} when it fails, with what it said
 */
export async function meter(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Metered> {
  const began = performance.now();
  const { code, stderr } = await new Deno.Command("sh", {
    args: ["-c", SCRIPT, "sh", ...command],
    env: { ...env },
    stdout: "null",
    stderr: "piped",
  }).output();
  const wallSeconds = (performance.now() - began) / 1000;
  const said = new TextDecoder().decode(stderr);
  if (code !== 0) throw new Error(`${command[0]} ended with code ${code}: ${said}`);
  return { wallSeconds, cpuSeconds: childrenSeconds(said) };
}

/** The last line of `times`, as in `0m1.23s 0m0.45s`: user and system of all children. */
function childrenSeconds(said: string): number {
  const line = said.trim().split("\n").at(-1)!;
  const times = [...line.matchAll(/(\d+)m([\d.,]+)s/g)];
  if (times.length !== 2) throw new Error(`the shell does not tell times, but ${line}`);
  return times.reduce(
    (sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds!.replace(",", ".")),
    0,
  );
}

/** Whether the machine has a program; `args` make it end at once with code 0. */
export async function hasProgram(program: string, ...args: string[]): Promise<boolean> {
  try {
    const options = { args, stdout: "null", stderr: "null" } as const;
    return (await new Deno.Command(program, options).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
