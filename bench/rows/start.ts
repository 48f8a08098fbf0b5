import { fileURLToPath } from "node:url";
import { meter, type Metered } from "../metered_command.ts";
import type { Row } from "../row.ts";

/** Starts of each program in turn; those with the least CPU time, and the least wall time, count. */
const ROUNDS = 5;
/** In one round: one start takes hardly more than the system's clock ticks. */
const STARTS = 10;
/** `--help` may take so many times a bare start. */
const ALLOWED = 2.5;

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));
/** Runs the program given as arguments again and again. */
const REPEAT = `i=0; while [ $i -lt ${STARTS} ]; do "$@" || exit; i=$((i+1)); done`;

/** What a command costs before it does anything. */
export const start: Row = {
  name: "start",
  title: "From the command to its end, where there is nothing to do",
  async run({ directory }) {
    const empty = `${directory}/empty.ts`, store = `${directory}/store`;
    await Deno.writeTextFile(empty, "");
    await Deno.mkdir(store);
    const run = [Deno.execPath(), "run", "--quiet", "--no-prompt"];
    const programs = [
      { subject: "deno run of an empty file", command: [...run, empty] },
      { subject: "--help", command: [...run, CLI, "--help"] },
      {
        subject: "list-snapshots, local store",
        command: [...run, `--allow-read=${store}`, CLI, "list-snapshots", "--store", store],
      },
    ];
    const times = await startInTurn(programs.map(({ command }) => command));
    const [bare, help, list] = times as [Metered, Metered, Metered];
    return {
      lines: programs.map(({ subject }, i) => ({ subject, ...times[i]! })),
      figures: [
        {
          what: "CPU time of --help, in bare starts",
          value: help.cpuSeconds / bare.cpuSeconds,
          atMost: ALLOWED,
        },
        {
          what: "wall time of --help, in bare starts",
          value: help.wallSeconds / bare.wallSeconds,
          atMost: ALLOWED,
        },
        {
          what: "CPU time of list-snapshots, in bare starts",
          value: list.cpuSeconds / bare.cpuSeconds,
        },
        {
          what: "wall time of list-snapshots, in bare starts",
          value: list.wallSeconds / bare.wallSeconds,
        },
      ],
      notes: [`the best of ${ROUNDS} rounds in turn, of ${STARTS} starts each`],
    };
  },
};

/** For one start of each command. */
async function startInTurn(commands: readonly string[][]): Promise<Metered[]> {
  const best = commands.map(() => ({ wallSeconds: Infinity, cpuSeconds: Infinity }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, command] of commands.entries()) {
      const { wallSeconds, cpuSeconds } = await meter(["sh", "-c", REPEAT, "sh", ...command]);
      best[i]!.wallSeconds = Math.min(best[i]!.wallSeconds, wallSeconds / STARTS);
      best[i]!.cpuSeconds = Math.min(best[i]!.cpuSeconds, cpuSeconds / STARTS);
    }
  }
  return best;
}
