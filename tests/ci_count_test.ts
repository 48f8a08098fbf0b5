import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const COUNT = fileURLToPath(new URL("../.ci/count", import.meta.url));

/** What `.ci/count` makes of an output: passed and failed. */
async function count(output: string): Promise<string> {
  const child = new Deno.Command(COUNT, { stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(output));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout).trim();
}

/** The output of `deno test` on a file with this text. */
async function outputOf(text: string, ...args: string[]): Promise<string> {
  const dir = await Deno.makeTempDir();
  try {
    const file = join(dir, "sample_test.ts");
    await Deno.writeTextFile(file, text);
    const command = new Deno.Command(Deno.execPath(), {
      args: ["test", "--quiet", "--no-config", "--no-check", ...args, file],
      env: { NO_COLOR: "1" },
    });
    return new TextDecoder().decode((await command.output()).stdout);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const PASSES =
  "Deno.test('a', () => {}); Deno.test('b', async (t) => { await t.step('c', () => {}); });";

Deno.test("the count of a run is the tests that passed, without their steps", async () => {
  assert.equal(await count(await outputOf(PASSES)), "2 0");
});

Deno.test("the counts of several runs add up", async () => {
  const run = await outputOf(PASSES);
  assert.equal(await count(run + "between\n" + run), "4 0");
});

Deno.test("a test that fails counts as failed, and so do those that were not run", async () => {
  const failing = "Deno.test('x', () => { throw new Error('no'); });";
  const skipped = "Deno.test.ignore('y', () => {});";
  assert.equal(await count(await outputOf(PASSES + failing)), "2 1");
  assert.equal(await count(await outputOf(PASSES + skipped)), "2 1");
  assert.equal(await count(await outputOf(PASSES, "--filter", "a")), "1 1");
});

Deno.test("a file that does not load counts as failed", async () => {
  assert.equal(await count(await outputOf("throw new Error('no');")), "0 1");
});

Deno.test("files that run at once are counted as those that run one by one", async () => {
  const failing = "Deno.test('x', () => { throw new Error('no'); });";
  assert.equal(await count(await outputOf(PASSES + failing, "--parallel")), "2 1");
  assert.equal(await count(await outputOf("throw new Error('no');", "--parallel")), "0 1");
});

Deno.test("a step that fails makes its test fail once", async () => {
  const failing = "Deno.test('x', async (t) => { await t.step('y', () => { throw 1; }); });";
  assert.equal(await count(await outputOf(PASSES + failing)), "2 1");
});

Deno.test("no output is no test", async () => {
  assert.equal(await count(""), "0 0");
});
