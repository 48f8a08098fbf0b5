import assert from "node:assert/strict";
import { join } from "node:path";
import { complete } from "../cli/complete.ts";
import { SHELLS } from "../cli/completion_scripts.ts";
import { createProgram } from "../cli/program.ts";
import { runCommand } from "./command.ts";
import { CommandWorld } from "./command_world.ts";

const VALUES = {
  sets: () => Promise.resolve(["photos", "films"]),
  snapshots: () => Promise.resolve(["20261123T011530Z-k3f9", "20261122T011530Z-aaaa"]),
};

/** What the end of a command line may become. */
async function completionsOf(line: string): Promise<string[]> {
  return await complete(createProgram(), line.split(" "), VALUES);
}

Deno.test("commands are completed, hidden ones and aliases left aside", async () => {
  assert.deepEqual(await completionsOf("sn"), ["snapshot"]);
  const all = await completionsOf("");
  assert(all.includes("restore") && all.includes("completions") && !all.includes("__complete"));
  assert.deepEqual(await completionsOf("--config sn re"), ["restore"]);
});

Deno.test("options are those of the command and of all commands", async () => {
  assert.deepEqual(await completionsOf("gc --keep-w"), ["--keep-weekly", "--keep-within"]);
  assert.deepEqual(await completionsOf("snapshot --l"), ["--log-format", "--label"]);
  assert.deepEqual(await completionsOf("list --keep"), []);
  assert.deepEqual(await completionsOf("--js"), ["--json"]);
});

Deno.test("values are completed where they are known", async () => {
  assert.deepEqual(await completionsOf("list --set p"), ["photos"]);
  assert.deepEqual(await completionsOf("list -s "), ["photos", "films"]);
  assert.deepEqual(await completionsOf("list --log-format "), ["text", "json"]);
  assert.deepEqual(await completionsOf("restore 20261122"), ["20261122T011530Z-aaaa"]);
  assert.deepEqual((await completionsOf("delete a "))[0], "latest");
  assert.deepEqual(await completionsOf("completions z"), ["zsh"]);
  assert.deepEqual(await completionsOf("list --config "), []);
});

Deno.test("each shell's script asks the command", async () => {
  for (const shell of SHELLS) {
    const { code, stdout, stderr } = await runCommand(["completions", shell]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /backup-my-bucket __complete -- /);
  }
  const { code, stderr } = await runCommand(["completions", "tcsh"]);
  assert.equal(code, 2);
  assert.match(stderr, /'tcsh' is invalid.*Allowed choices are bash, zsh, fish/);
});

Deno.test("bash completes with what the command knows", async () => {
  await using world = await CommandWorld.create();
  const id = await world.snapshot();
  const config = join(world.dir, "config.jsonc");
  await Deno.writeTextFile(config, `{ "sets": { "photos": { "store": "store" } } }`);
  const ask = async (...words: string[]) => {
    const allow = [`--allow-read=${world.dir}`];
    return await runCommand(["__complete", "--", ...words], { allow });
  };
  assert.equal((await ask("ls", "-c", config, "2")).stdout, `${id}\n`);
  assert.equal((await ask("ls", "-c", config, "-s", "")).stdout, "photos\n");
  assert.deepEqual(await ask("ls", "-c", "/nonexistent", "2"), { code: 0, stdout: "", stderr: "" });

  const { stdout: script } = await runCommand(["completions", "bash"]);
  const fake = `backup-my-bucket() { printf '%s\\n' "$@"; }\n`;
  const test = `COMP_WORDS=(backup-my-bucket restore "two words" lat); COMP_CWORD=3
_backup_my_bucket; printf '<%s>' "\${COMPREPLY[@]}"`;
  const { stdout } = await new Deno.Command("bash", { args: ["-c", fake + script + test] })
    .output();
  assert.equal(
    new TextDecoder().decode(stdout),
    "<__complete><--><restore><two words><lat>",
  );
});
