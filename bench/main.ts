/**
 * Measures what this project is meant to be fast at, each next to an alternative in the same run:
 *
 *     deno task bench [--only ROW]... [--scale N] [--peers ENDPOINT] [--json] [--list]
 */
import { availableParallelism, totalmem } from "node:os";
import { parseArgs } from "node:util";
import type { Result } from "./result.ts";
import type { Row, Settings } from "./row.ts";
import { ROWS } from "./rows/rows.ts";
import { formatResult } from "./table.ts";

const USAGE =
  `Usage: deno task bench [--only ROW]... [--scale N] [--peers ENDPOINT] [--json] [--list]
  --only ROW        that row; may be given more than once. Default: all
  --scale N         multiplies sizes: 0.1 for a quick look. Default: 1
  --peers ENDPOINT  a real S3 server, where a bucket is made and removed. Default: what
                    BMB_BENCH_S3_ENDPOINT names. AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are
                    its keys, by default test and testtest
  --json            one JSON document on stdout, for machines
  --list            the names of the rows`;

/** What the command line asks for. */
interface Request extends Omit<Settings, "directory"> {
  readonly rows: readonly Row[];
  readonly json: boolean;
  readonly list: boolean;
}

function readRequest(args: string[]): Request {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", multiple: true, default: [] },
      scale: { type: "string", default: "1" },
      peers: { type: "string", default: Deno.env.get("BMB_BENCH_S3_ENDPOINT") ?? "" },
      json: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
    },
  });
  const unknown = values.only.find((name) => !ROWS.some((row) => row.name === name));
  if (unknown !== undefined) throw new TypeError(`there is no row ${unknown}; see --list`);
  const scale = Number(values.scale);
  if (!(scale > 0 && scale <= 100)) throw new TypeError(`not a scale: ${values.scale}`);
  return {
    rows: ROWS.filter(({ name }) => values.only.length === 0 || values.only.includes(name)),
    scale,
    peers: values.peers === "" ? undefined : values.peers.replace(/\/$/, ""),
    json: values.json,
    list: values.list,
  };
}

async function measure(row: Row, settings: Omit<Settings, "directory">): Promise<Result> {
  const directory = await Deno.makeTempDir({ prefix: "bmb-bench-" });
  try {
    const { name, title } = row;
    const { figures, ...rest } = await row.run({ ...settings, directory });
    // What is demanded is demanded of the full sizes.
    const judged = settings.scale < 1
      ? figures.map(({ what, value }) => ({ what, value }))
      : figures;
    return { row: name, title, ...rest, figures: judged };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Whatever a figure depends on besides the code. */
function machine() {
  return {
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${Deno.build.os} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    /** Of one minute: above 0 means that others were at work, too. */
    loadBefore: Deno.loadavg()[0],
  };
}

async function run({ rows, json, list, ...settings }: Request): Promise<void> {
  if (list) {
    for (const { name, title } of rows) console.log(`${name.padEnd(16)}${title}`);
    return;
  }
  const on = machine();
  const results: Result[] = [];
  if (!json) {
    console.log(`${Object.entries(on).map(([name, value]) => `${name} ${value}`).join(", ")}`);
  }
  for (const row of rows) {
    const result = await measure(row, settings);
    results.push(result);
    if (!json) console.log(`\n${formatResult(result)}`);
  }
  if (json) console.log(JSON.stringify({ machine: on, scale: settings.scale, results }, null, 2));
}

async function main(): Promise<number> {
  let request: Request;
  try {
    request = readRequest(Deno.args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  await run(request);
  return 0;
}

if (import.meta.main) Deno.exit(await main());
