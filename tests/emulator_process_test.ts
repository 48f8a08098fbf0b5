/** The embedded S3 as a process of its own, as benchmarks start it. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import * as S3 from "npm:@aws-sdk/client-s3@3.1169.0";

const MAIN = fileURLToPath(new URL("emulator/main.ts", import.meta.url));

function command(args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", MAIN, ...args],
    stdout: "piped",
    stderr: "piped",
  });
}

Deno.test("process: says its URL, serves what its flags ask for, and ends on a signal", async () => {
  const process = command(["--bucket", "empty", "--synthetic", "full=30:hashed:2"]).spawn();
  const errors = process.stderr.text();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value: endpoint = "" } = await reader.read();
  assert.match(endpoint, /^http:\/\/127\.0\.0\.1:\d+\n$/);
  const client = new S3.S3Client({
    endpoint: endpoint.trim(),
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "test", secretAccessKey: "testtest" },
  });
  const list = (Bucket: string) => client.send(new S3.ListObjectVersionsCommand({ Bucket }));
  assert.equal((await list("full")).Versions?.length, 60);
  assert.equal((await list("empty")).Versions, undefined);
  client.destroy();
  process.kill("SIGTERM");
  assert.equal((await process.status).code, 0, await errors);
  await reader.cancel();
});

Deno.test("process: refuses flags that it does not know", async () => {
  for (const args of [["--nope"], ["--synthetic", "a=1:round"], ["--port", "x"]]) {
    const { code, stderr, stdout } = await command(args).output();
    assert.equal(code, 2);
    assert.match(new TextDecoder().decode(stderr), /Usage: main\.ts/);
    assert.equal(stdout.length, 0);
  }
});
