import { fileURLToPath } from "node:url";
import { clientCommand, runClient } from "../client_process.ts";
import { hasProgram, meter, type Metered } from "../metered_command.ts";
import { type Row, scaled, type Settings } from "../row.ts";
import { CREDENTIALS, REGION } from "../tasks/server.ts";

const VERSIONS = 50_000;
/** Each program runs so often, in turn; the round with the least CPU time counts. */
const ROUNDS = 3;
/** Of each peer's CPU seconds, ours must be at most a fifth. */
const DEMANDED = 5;

const BOTO3 = fileURLToPath(new URL("../tasks/boto3_paginator.py", import.meta.url));

/** A program that lists all versions of a bucket. */
interface Peer {
  readonly name: string;
  readonly command: readonly string[];
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends with code 0 on a machine that has it. */
  readonly probe: readonly [program: string, ...args: string[]];
}

/** Whole programs, from their start to their end, against one server. */
export const peers: Row = {
  name: "peers",
  title: "All versions of a bucket on a real server, as whole programs",
  async run(settings) {
    const endpoint = settings.peers;
    if (endpoint === undefined) {
      return { lines: [], figures: [], notes: ["left out: no --peers ENDPOINT"] };
    }
    const bucket = `bmb-bench-${Deno.pid}`;
    const address = { endpoint, bucket };
    try {
      await runClient("fillBucket", { ...address, versions: scaled(VERSIONS, settings) });
      return await compare(endpoint, bucket, settings);
    } finally {
      await runClient("removeBucket", address);
    }
  },
};

async function compare(endpoint: string, bucket: string, settings: Settings) {
  const present: Peer[] = [], notes: string[] = [];
  for (const peer of programs(endpoint, bucket)) {
    if (await hasProgram(...peer.probe)) present.push(peer);
    else notes.push(`left out: this machine has no ${peer.name}`);
  }
  const times = await runInTurn(present);
  const amount = scaled(VERSIONS, settings);
  const lines = present.map((peer) => {
    const time = times.get(peer)!;
    return { subject: peer.name, amount, ...time, perSecond: amount / time.wallSeconds };
  });
  const [ours, ...others] = lines;
  const figures = others.map(({ subject, cpuSeconds }) => ({
    what: `CPU seconds of ${subject}, over ours`,
    value: cpuSeconds / ours!.cpuSeconds,
    atLeast: DEMANDED,
  }));
  return { lines, figures, notes: [`the best of ${ROUNDS} rounds in turn`, ...notes] };
}

/** Ours comes first. */
function programs(endpoint: string, bucket: string): Peer[] {
  const address = { endpoint, bucket };
  const deno = [Deno.execPath(), "--version"] as const;
  const boto3 = ["python3", BOTO3, endpoint, bucket];
  const remote =
    `:s3,provider=Ceph,env_auth=true,region=${REGION},endpoint="${endpoint}":${bucket}`;
  return [
    { name: "ours", command: clientCommand("listWithRanges", address), probe: deno },
    {
      name: "SDK, one page after another",
      command: clientCommand("listWithSdk", address),
      probe: deno,
    },
    {
      name: "AWS CLI, list-object-versions",
      command: [
        ...["aws", "--endpoint-url", endpoint, "--region", REGION, "--output", "json"],
        ...["s3api", "list-object-versions", "--bucket", bucket],
      ],
      probe: ["aws", "--version"],
    },
    { name: "boto3's paginator", command: boto3, probe: ["python3", "-c", "import boto3"] },
    {
      name: "rclone, lsf --s3-versions",
      command: ["rclone", "lsf", "--config=", "--recursive", "--s3-versions", remote],
      // With one of its own it does not start.
      env: { AWS_CA_BUNDLE: "" },
      probe: ["rclone", "version"],
    },
  ];
}

async function runInTurn(peers: readonly Peer[]): Promise<Map<Peer, Metered>> {
  const env = {
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  };
  const best = new Map<Peer, Metered>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const peer of peers) {
      const time = await meter(peer.command, { ...env, ...peer.env });
      const known = best.get(peer);
      if (!known || time.cpuSeconds < known.cpuSeconds) best.set(peer, time);
    }
  }
  return best;
}
