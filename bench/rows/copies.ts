import { fileURLToPath } from "node:url";
import { clientCommand, runClient } from "../client_process.ts";
import { hasProgram, meter } from "../metered_command.ts";
import type { Figure, Line } from "../result.ts";
import { type Row, scaled, type Settings } from "../row.ts";
import { startS3 } from "../s3_process.ts";
import { CREDENTIALS, REGION } from "../tasks/server.ts";

const OBJECTS = 2_000;
/** Each program runs so often, in turn, into an empty bucket; the fastest round counts. */
const ROUNDS = 3;

const BOTO3 = fileURLToPath(new URL("../tasks/boto3_download_upload.py", import.meta.url));

/** A way of bringing the objects of one bucket into another. */
interface Way {
  readonly name: string;
  readonly command: (target: string) => readonly string[];
  /** Ends with code 0 on a machine that has it. */
  readonly probe: readonly [program: string, ...args: string[]];
}

/** Whole programs that bring small objects back from a replica, against one server. */
export const copies: Row = {
  name: "copies",
  title: "Small objects from one bucket into another, empty one, as whole programs",
  async run(settings) {
    await using s3 = await startS3();
    const embedded = await compare(s3.endpoint, "embedded S3", settings);
    if (settings.peers === undefined) {
      return {
        ...embedded,
        notes: [...embedded.notes, "real server left out: no --peers ENDPOINT"],
      };
    }
    const real = await compare(settings.peers, "real server", settings);
    return {
      lines: [...embedded.lines, ...real.lines],
      figures: [...embedded.figures, ...real.figures],
      notes: real.notes,
    };
  },
};

async function compare(endpoint: string, where: string, settings: Settings) {
  const bucket = `bmb-bench-copies-${Deno.pid}`;
  const directory = `${settings.directory}/${where.replace(" ", "-")}`;
  const objects = scaled(OBJECTS, settings);
  try {
    await runClient("fillBucket", { endpoint, bucket, versions: 2 * objects });
    await runClient("takeSnapshot", { endpoint, bucket, directory });
    const present: Way[] = [], notes: string[] = [];
    for (const way of programs(endpoint, bucket, directory)) {
      if (await hasProgram(...way.probe)) present.push(way);
      else notes.push(`left out: this machine has no ${way.probe.join(" ")}`);
    }
    const seconds = await runInTurn(present, { endpoint, bucket });
    return {
      ...tabulate(where, objects, present, seconds),
      notes: [`the best of ${ROUNDS} rounds in turn`, ...notes],
    };
  } finally {
    await runClient("removeBucket", { endpoint, bucket });
  }
}

/** Ours comes first. */
function programs(endpoint: string, bucket: string, directory: string): Way[] {
  const address = { endpoint, bucket };
  const deno = [Deno.execPath(), "--version"] as const;
  return [
    {
      name: "ours, restore",
      command: (target) => clientCommand("restoreByCopies", { ...address, target, directory }),
      probe: deno,
    },
    {
      name: "AWS CLI, s3 sync",
      command: (target) => [
        ...["aws", "--endpoint-url", endpoint, "--region", REGION, "s3", "sync"],
        ...[`s3://${bucket}`, `s3://${target}`, "--only-show-errors"],
      ],
      probe: ["aws", "--version"],
    },
    {
      name: "boto3, download and upload",
      command: (target) => ["python3", BOTO3, endpoint, bucket, target],
      probe: ["python3", "-c", "import boto3"],
    },
    {
      name: "SDK, download and upload",
      command: (target) => clientCommand("downloadAndUpload", { ...address, target }),
      probe: deno,
    },
  ];
}

/** Wall seconds of the fastest round of each. */
async function runInTurn(
  ways: readonly Way[],
  { endpoint, bucket }: { readonly endpoint: string; readonly bucket: string },
): Promise<number[]> {
  const env = {
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  };
  const best = ways.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { command }] of ways.entries()) {
      const target = `${bucket}-to`;
      await runClient("makeBucket", { endpoint, bucket: target });
      try {
        const { wallSeconds } = await meter(command(target), env);
        best[i] = Math.min(best[i]!, wallSeconds);
      } finally {
        await runClient("removeBucket", { endpoint, bucket: target });
      }
    }
  }
  return best;
}

function tabulate(
  where: string,
  amount: number,
  ways: readonly Way[],
  seconds: readonly number[],
): { readonly lines: Line[]; readonly figures: Figure[] } {
  const [ours] = seconds;
  return {
    lines: ways.map(({ name }, i) => {
      const wallSeconds = seconds[i]!;
      return { subject: `${where}: ${name}`, amount, wallSeconds, perSecond: amount / wallSeconds };
    }),
    figures: ways.slice(1).map(({ name }, i) => ({
      what: `${where}: times as fast as ${name}`,
      value: seconds[i + 1]! / ours!,
      atLeast: 1,
    })),
  };
}
