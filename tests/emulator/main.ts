/**
 * Runs the embedded S3 as a process of its own, so that a benchmark's client and server do not
 * share one thread:
 *
 *     deno run --allow-net=127.0.0.1 tests/emulator/main.ts --synthetic photos=1000000:nested
 *
 * The first line on stdout is the server's URL. It runs until SIGINT or SIGTERM.
 */
import { parseArgs } from "node:util";
import { type Emulator, startEmulator, type SyntheticSpec } from "./emulator.ts";
import { KEY_SHAPES } from "./synthetic_keys.ts";

const USAGE = `Usage: main.ts [--port N] [--region NAME] [--seed N] [--latency MS] [--page-size N]
               [--inclusive-key-marker] [--bucket NAME]... [--synthetic NAME=KEYS[:SHAPE[:VERSIONS]]]...
  --bucket     a versioned bucket
  --synthetic  a versioned bucket of generated keys; SHAPE is one of ${KEY_SHAPES.join(", ")}`;

function readNumber(text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 0) throw new TypeError(`not a whole number: ${text}`);
  return value;
}

/** `NAME=KEYS[:SHAPE[:VERSIONS]]`. */
function readSynthetic(text: string): [name: string, spec: SyntheticSpec] {
  const [name = "", rest = ""] = text.split("=");
  const [keys, shape = "flat", versions] = rest.split(":");
  const known = KEY_SHAPES.find((candidate) => candidate === shape);
  if (name === "" || !known) throw new TypeError(`not NAME=KEYS[:SHAPE[:VERSIONS]]: ${text}`);
  return [name, {
    keys: readNumber(keys, 0),
    shape: known,
    versionsPerKey: readNumber(versions, 1),
  }];
}

async function start(args: string[]): Promise<Emulator> {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: "string" },
      region: { type: "string", default: "us-east-1" },
      seed: { type: "string" },
      latency: { type: "string" },
      "page-size": { type: "string" },
      "inclusive-key-marker": { type: "boolean", default: false },
      bucket: { type: "string", multiple: true, default: [] },
      synthetic: { type: "string", multiple: true, default: [] },
    },
  });
  const synthetic = values.synthetic.map(readSynthetic);
  const s3 = await startEmulator({
    port: readNumber(values.port, 0),
    region: values.region,
    seed: readNumber(values.seed, 1),
    latency: readNumber(values.latency, 0),
    pageSize: readNumber(values["page-size"], 1_000),
    inclusiveKeyMarker: values["inclusive-key-marker"],
  });
  for (const name of values.bucket) s3.createBucket(name, { versioning: "Enabled" });
  for (const [name, spec] of synthetic) s3.createSyntheticBucket(name, spec);
  return s3;
}

async function main(): Promise<void> {
  let s3: Emulator;
  try {
    s3 = await start(Deno.args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    Deno.exit(2);
  }
  console.log(s3.url);
  await new Promise<void>((resolve) => {
    Deno.addSignalListener("SIGINT", resolve);
    Deno.addSignalListener("SIGTERM", resolve);
  });
  await s3[Symbol.asyncDispose]();
  Deno.exit(0);
}

if (import.meta.main) await main();
