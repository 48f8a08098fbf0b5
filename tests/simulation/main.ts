/** Plays histories until one breaks a promise; `deno task simulate`. */
import { parseArgs } from "node:util";
import { describeFailure, runSeeds } from "./run_seeds.ts";
import { simulate, STEPS } from "./simulation.ts";

const USAGE = `Plays random histories against the model of S3, see docs/DESIGN.md, "Collection".

    deno task simulate [--seeds N] [--from SEED] [--minutes M] [--threads T]
    deno task simulate --replay SEED [--steps N,N...]

--seeds N      histories to play. Default: 1000, or with --minutes no limit
--from SEED    the first one's seed; each next one's is higher by 1. Default: 1
--minutes M    how long at most. Default: no limit
--threads T    how many at once. Default: as many as there are processors
--no-shrink    do not look for the steps that a broken promise takes
--replay SEED  play one history, and print each call of its programs
--steps N,N    only these steps of it. Default: all ${STEPS}
`;

const MINUTE = 60_000;

async function main(args: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: text,
      from: text,
      minutes: text,
      threads: text,
      replay: text,
      steps: text,
      "no-shrink": { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return print(USAGE);
  if (values.replay !== undefined) return await replay(values.replay, values.steps);
  const count = wholeNumber(values.seeds ?? (values.minutes === undefined ? "1000" : "1e15"));
  const end = performance.now() + Number(values.minutes ?? Infinity) * MINUTE;
  const seeds = seedsFrom(wholeNumber(values.from ?? "1"), count, end);
  const { histories, events, failure } = await runSeeds(seeds, {
    ...(values.threads !== undefined && { threads: wholeNumber(values.threads) }),
    shrinks: !values["no-shrink"],
  });
  if (failure) print(describeFailure(failure));
  else for (const [name, times] of Object.entries(events).sort()) print(`${times} ${name}`);
  print(
    `${histories} histories, ${failure ? "one of which broke a promise" : "no promise broken"}`,
  );
  return failure ? 1 : 0;
}

async function replay(seed: string, steps?: string): Promise<number> {
  const chosen = steps?.split(",").filter((step) => step !== "").map(wholeNumber);
  await simulate(wholeNumber(seed), { trace: print, ...(chosen && { steps: chosen }) });
  return print("no promise broken");
}

function* seedsFrom(from: number, count: number, end: number): Generator<number> {
  for (let seed = from; seed < from + count && performance.now() < end; seed++) yield seed;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (text !== "" && Number.isSafeInteger(number) && number >= 0) return number;
  throw new TypeError(`${JSON.stringify(text)} is no whole number`);
}

function print(line: string): 0 {
  console.log(line);
  return 0;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    console.error(error);
    Deno.exit(2);
  }
}
