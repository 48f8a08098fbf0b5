/** What is found in the environment: in a process of its own, since it is read there once. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startEmulator } from "./emulator/emulator.ts";

const BUCKET_MODULE = new URL("../lib/s3/bucket.ts", import.meta.url).href;
const VERSIONING_MODULE = new URL("../lib/s3/versioning.ts", import.meta.url).href;
const CONFIG = fileURLToPath(new URL("../deno.json", import.meta.url));

/** Asks for the versioning of a bucket in a fresh process; prints its identity or the error's code. */
async function ask(url: string, env: Record<string, string>): Promise<string> {
  const program = `
    const { openBucket } = await import(${JSON.stringify(BUCKET_MODULE)});
    const { versioningState } = await import(${JSON.stringify(VERSIONING_MODULE)});
    await using bucket = openBucket(${JSON.stringify(url)}, { maxAttempts: 1 });
    try {
      await versioningState(bucket);
      console.log(JSON.stringify(bucket.identity()));
    } catch (error) {
      console.log(error.code, error.message);
    }
  `;
  const home = await Deno.makeTempDir();
  try {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--config", CONFIG, program],
      clearEnv: true,
      env: { HOME: home, DENO_DIR: await denoDir(), AWS_EC2_METADATA_DISABLED: "true", ...env },
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    return new TextDecoder().decode(stdout).trim();
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

Deno.test("without credentials, it says where they are looked for", async () => {
  const answer = await ask("s3://bucket?region=us-east-1&endpoint=http://127.0.0.1:1", {});
  assert.match(answer, /^NoCredentials .*AWS_ACCESS_KEY_ID.*profile/);
});

Deno.test("credentials and region come from the environment", async () => {
  await using emulator = await startEmulator({ otherRegions: ["eu-west-1"] });
  emulator.createBucket("bucket", { region: "eu-west-1" });
  const answer = await ask(`s3://bucket?endpoint=${emulator.url}`, {
    AWS_ACCESS_KEY_ID: emulator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: emulator.secretAccessKey,
    AWS_REGION: "eu-west-1",
  });
  assert.deepEqual(JSON.parse(answer).region, "eu-west-1");
});

Deno.test("where no region is configured, AWS is asked for the bucket's", async () => {
  await using emulator = await startEmulator({ otherRegions: ["eu-west-1"] });
  emulator.createBucket("bucket", { region: "eu-west-1" });
  const answer = await ask("s3://bucket?path-style=true", {
    AWS_ACCESS_KEY_ID: emulator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: emulator.secretAccessKey,
    AWS_ENDPOINT_URL_S3: emulator.url,
  });
  assert.deepEqual(JSON.parse(answer), { name: "bucket", region: "eu-west-1" });
});
