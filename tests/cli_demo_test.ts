import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

/** The words of the task that the README names. */
async function demoArguments(): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const [deno, ...args] = tasks.demo.command.split(" ");
  assert.equal(deno, "deno");
  return args;
}

async function runDemo(...more: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...await demoArguments(), ...more],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("the demo plays to its end under the permissions of its task", async () => {
  const { code, stdout, stderr } = await runDemo("--objects", "24");
  assert.equal(stderr, "");
  assert.equal(code, 0);
  for (const step of [1, 2, 3, 4, 5, 6, 7, 8]) {
    assert.match(stdout, new RegExp(`^${step}\\. `, "m"));
  }
  assert.match(stdout, /12 copied inside S3, 1 deleted, 12 already right, 0 failed/);
  assert.match(stdout, /0 copied inside S3, 0 deleted, 24 already right, 0 failed/);
  assert.equal(stdout.match(/proved: all 24 keys/g)?.length, 3);
  assert.match(stdout, /All of it held/);
});

Deno.test("the demo tells scripts only that it held", async () => {
  const { code, stdout } = await runDemo("--objects", "20", "--json");
  assert.equal(code, 0);
  const { objects, durationMs } = JSON.parse(stdout);
  assert.equal(objects, 20);
  assert.ok(durationMs > 0);
});

Deno.test("the demo refuses too few objects to show anything", async () => {
  const { code, stdout, stderr } = await runDemo("--objects", "3");
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /whole number, from 20 to 100000/);
});
