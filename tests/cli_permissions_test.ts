import assert from "node:assert/strict";
import pMap from "npm:p-map@7.1.1";
import { documentedLines, documentedValue, runCommand } from "./command.ts";
import { CommandWorld } from "./command_world.ts";

async function fillAll(world: CommandWorld, words: readonly string[]): Promise<string[]> {
  return await Promise.all(words.map((word) => world.fill(word)));
}

/** Documented lines that are tried at once, each without each of its flags. */
const LINES = 3;
const HOUR = 3_600_000;

/** A bucket and two snapshots of it, between which it changed. */
async function twoSnapshots(): Promise<CommandWorld> {
  const world = await CommandWorld.create();
  world.server.createBucket(`${world.bucket}-replica`, { versioning: "Enabled" });
  const now = Date.now();
  for (const age of [5, 3, 1]) {
    const lastModified = now - age * HOUR;
    world.server.seed(world.bucket, [{ key: "a", body: `${age}`, lastModified }]);
    if (age > 1) await world.snapshot({ at: lastModified + HOUR });
  }
  return world;
}

function keysOf({ accessKeyId, secretAccessKey }: CommandWorld["server"]) {
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}

Deno.test("every documented command line works, and none of its flags is superfluous", async () => {
  await pMap(await documentedLines(), async ({ allow, args }) => {
    await using world = await twoSnapshots();
    const flags = await fillAll(world, allow);
    const words = await fillAll(world, args);
    const env = keysOf(world.server);
    await Promise.all(flags.map(async (left) => {
      const allow = flags.filter((flag) => flag !== left);
      const { code, stderr } = await runCommand(words, { allow, env });
      assert.notEqual(code, 0, `${args.join(" ")} works without ${left}`);
      assert.match(stderr, /--allow-/, `${args.join(" ")} without ${left} does not name a flag`);
    }));
    const { code, stderr } = await runCommand(words, { allow: flags, env });
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
  }, { concurrency: LINES });
});

Deno.test("the documented permissions suffice where HOME is not set", async () => {
  await using world = await twoSnapshots();
  for (const command of ["snapshot", "verify", "sync"]) {
    const lines = (await documentedLines()).filter(({ args }) => args[0] === command);
    const { allow, args } = lines.at(-1)!;
    const { code, stderr } = await runCommand(await fillAll(world, args), {
      allow: await fillAll(world, allow),
      env: { ...keysOf(world.server), HOME: "" },
    });
    assert.equal(code, 0, `${command}: ${stderr}`);
  }
});

Deno.test("none of the variables that the SDK may read is superfluous", async () => {
  await using world = await CommandWorld.create();
  const variables = (await documentedValue("SDK")).split(",");
  const [line] = (await documentedLines()).filter(({ args }) => args[0] === "snapshot");
  const words = await fillAll(world, line!.args);
  await pMap(variables, async (left) => {
    const rest = variables.filter((variable) => variable !== left).join(",");
    const allow = await fillAll(world, line!.allow.map((flag) => flag.replace("$SDK", rest)));
    const { code, stderr } = await runCommand(words, { allow, env: keysOf(world.server) });
    assert.equal(code, 1, `works without ${left}`);
    const name = left.replace("*", "");
    assert(stderr.includes(`--allow-env=${name}`), `${left}: ${stderr}`);
  }, { concurrency: LINES });
});
