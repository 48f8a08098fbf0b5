import assert from "node:assert/strict";
import { confirm } from "../cli/confirm.ts";
import { ToldFailure } from "../cli/errors.ts";
import { documentedFlags, runCommand } from "./command.ts";
import { CommandWorld } from "./command_world.ts";

/** A terminal at which `answer` is typed. */
function terminal(answer: string | null) {
  const written: string[] = [];
  return {
    written,
    write: (text: string) => void written.push(text),
    readLine: () => Promise.resolve(answer),
  };
}

const never = new AbortController().signal;

Deno.test("yes goes on", async () => {
  for (const answer of ["y", "Y", "yes", " YES "]) {
    const asked = terminal(answer);
    await confirm("Delete them?", asked, never);
    assert.deepEqual(asked.written, ["Delete them? [y/N] "]);
  }
});

Deno.test("anything else changes nothing, and says so", async () => {
  for (const answer of ["", "n", "no", "yess", "nay", null]) {
    const asked = terminal(answer);
    await assert.rejects(confirm("Delete them?", asked, never), ToldFailure);
    assert.equal(asked.written.at(-1), "Nothing was changed.\n");
  }
});

/** Run a command at a terminal, with `typed` as what is typed there. */
async function atTerminal(world: CommandWorld, args: readonly string[], typed: string) {
  const flags = await Promise.all(
    (await documentedFlags(args[0]!)).map((flag) => world.fill(flag)),
  );
  const cli = new URL("../cli.ts", import.meta.url).pathname;
  const line = [Deno.execPath(), "run", "--quiet", "--no-prompt", "--no-check", ...flags, cli]
    .concat(args, "--source", world.url(), "--store", world.store)
    .map((word) => `'${word}'`).join(" ");
  const { accessKeyId, secretAccessKey } = world.server;
  const child = new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", line, "/dev/null"],
    env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const shown: string[] = [];
  const writer = child.stdin.getWriter();
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const wasAsked = shown.join("").includes("[y/N]");
    shown.push(text);
    if (!wasAsked && shown.join("").includes("[y/N]")) {
      await writer.write(new TextEncoder().encode(typed));
    }
  }
  await writer.close();
  return { code: (await child.status).code, shown: shown.join("") };
}

Deno.test("at a terminal gc shows what it would do and asks; elsewhere it goes ahead", async () => {
  await using world = await CommandWorld.create();
  const ago = (hours: number) => Date.now() - hours * 3_600_000;
  world.server.seed(world.bucket, [{ key: "a", body: "one", lastModified: ago(3) }]);
  const id = await world.snapshot({ at: ago(2) });
  await world.snapshot({ at: ago(1) });

  const before = await world.state();
  const declined = await atTerminal(world, ["gc", "--keep-last", "1"], "n\n");
  assert.equal(declined.code, 1, declined.shown);
  assert.match(declined.shown, new RegExp(`${id} +to delete[^]*Delete them for good\\? \\[y/N\\]`));
  assert.match(declined.shown, /Nothing was changed\./);
  assert.deepEqual(await world.state(), before);

  const stopped = await atTerminal(world, ["gc", "--keep-last", "1"], "\x03");
  assert.equal(stopped.code, 130, stopped.shown);
  assert.deepEqual(await world.state(), before);

  const accepted = await atTerminal(world, ["gc", "--keep-last", "1"], "y\n");
  assert.equal(accepted.code, 0, accepted.shown);
  assert.match(accepted.shown, new RegExp(`${id} +deleted`));

  const asked = await atTerminal(world, ["delete", "latest", "--yes"], "");
  assert.equal(asked.code, 0, asked.shown);
  assert(!asked.shown.includes("[y/N]"));
  const { stdout } = await runCommand(["list", "--json", "--store", world.store], {
    allow: [`--allow-read=${world.store}`],
  });
  assert.equal(stdout, "[]\n");
});

Deno.test("at a terminal restore shows its plan and asks", async () => {
  await using world = await CommandWorld.create();
  const ago = (hours: number) => Date.now() - hours * 3_600_000;
  world.server.seed(world.bucket, [{ key: "a", body: "one", lastModified: ago(3) }]);
  const id = await world.snapshot({ at: ago(2) });
  world.server.seed(world.bucket, [{ key: "a", body: "two", lastModified: ago(1) }]);
  const before = await world.state();
  const declined = await atTerminal(world, ["restore", "latest"], "\n");
  assert.equal(declined.code, 1, declined.shown);
  assert.match(declined.shown, new RegExp(`1 {2}to copy[^]*Restore s3\\S+ to ${id}\\? \\[y/N\\]`));
  assert.deepEqual(await world.state(), before);
  const accepted = await atTerminal(world, ["restore", "latest"], "yes\n");
  assert.equal(accepted.code, 0, accepted.shown);
  assert.match(accepted.shown, /1 {2}copied, 3 B/);
});
