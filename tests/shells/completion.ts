/** Completion in the real shells: bash, zsh and fish must be installed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandWorld } from "../command_world.ts";

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const TYPE_LINE = fileURLToPath(new URL("type_line.zsh", import.meta.url));

/** A directory with a configuration, a store with one snapshot, and the command on the PATH. */
class ShellWorld implements AsyncDisposable {
  readonly #world: CommandWorld;
  readonly id: string;

  private constructor(world: CommandWorld, id: string) {
    this.#world = world;
    this.id = id;
  }

  static async create(): Promise<ShellWorld> {
    const world = await CommandWorld.create();
    const id = await world.snapshot();
    await Deno.writeTextFile(
      join(world.dir, "backup-my-bucket.jsonc"),
      `{ "sets": { "photos": { "store": "store" } } }`,
    );
    const script = `#!/bin/sh\nexec '${Deno.execPath()}' run --quiet --no-check -A '${CLI}' "$@"\n`;
    await Deno.writeTextFile(join(world.dir, "backup-my-bucket"), script, { mode: 0o755 });
    return new ShellWorld(world, id);
  }

  /** Run a program in the directory. @returns What it printed */
  async run(program: string, args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      cwd: this.#world.dir,
      env: { PATH: `${this.#world.dir}:${Deno.env.get("PATH")}`, HOME: this.#world.dir },
      stdin: "null",
    }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#world[Symbol.asyncDispose]();
  }
}

/** What is typed, and what it becomes. */
function linesOf(id: string): readonly (readonly [string, string])[] {
  return [
    ["backup-my-bucket sn", "backup-my-bucket snapshot "],
    ["backup-my-bucket gc --keep-wi", "backup-my-bucket gc --keep-within "],
    ["backup-my-bucket ls --set ph", "backup-my-bucket ls --set photos "],
    [`backup-my-bucket restore ${id.slice(0, 8)}`, `backup-my-bucket restore ${id} `],
  ];
}

Deno.test("bash completes commands, options, sets and snapshots", async () => {
  await using world = await ShellWorld.create();
  for (const [typed, completed] of linesOf(world.id)) {
    const ask = `source <(backup-my-bucket completions bash)
COMP_WORDS=(${typed}) COMP_CWORD=${typed.split(" ").length - 1}
_backup_my_bucket && printf '%s' "\${COMPREPLY[*]}"`;
    const shown = await world.run("bash", ["--norc", "-c", ask]);
    assert.equal(shown, completed.trim().split(" ").at(-1));
  }
});

Deno.test("zsh completes commands, options, sets and snapshots as they are typed", async () => {
  await using world = await ShellWorld.create();
  const setup = "autoload -Uz compinit && compinit -u -D && " +
    "source <(backup-my-bucket completions zsh)";
  for (const [typed, completed] of linesOf(world.id)) {
    const shown = await world.run("zsh", ["-f", TYPE_LINE, setup, typed, completed]);
    assert(shown.includes(completed), `${typed}: ${JSON.stringify(shown)}`);
  }
});

Deno.test("fish completes commands, options, sets and snapshots", async () => {
  await using world = await ShellWorld.create();
  for (const [typed, completed] of linesOf(world.id)) {
    const ask = `backup-my-bucket completions fish | source; complete --do-complete '${typed}'`;
    const shown = await world.run("fish", ["--no-config", "-c", ask]);
    assert.equal(shown.trim(), completed.trim().split(" ").at(-1));
  }
});
