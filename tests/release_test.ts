/** The command in one file: what is bundled and compiled has everything in it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CommandResult, documentedFlags } from "./command.ts";
import { CommandWorld } from "./command_world.ts";
import { doMainJob } from "./main_job.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

async function deno(
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<CommandResult> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    cwd: ROOT,
    ...options,
    args: [...args],
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("the bundle is one file that does the main job without anything else", async () => {
  await using world = await CommandWorld.create();
  const bundle = join(world.dir, "backup-my-bucket.js");
  const made = await deno(["task", "--quiet", "bundle", "--output", bundle]);
  assert.equal(made.code, 0, made.stderr);

  const { accessKeyId, secretAccessKey } = world.server;
  await doMainJob(world, async (command, args) => {
    const flags = await Promise.all((await documentedFlags(command)).map((f) => world.fill(f)));
    const alone = ["--no-prompt", "--quiet", "--no-config", "--no-remote", "--no-npm"];
    return await deno(["run", ...alone, ...flags, bundle, command, ...args], {
      clearEnv: true,
      cwd: world.dir,
      env: {
        DENO_DIR: join(world.dir, "cache"),
        HOME: world.dir,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
    });
  });
});

/** A module of the graph, as `deno info` describes it. */
interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly { readonly specifier: string; readonly isDynamic?: boolean }[];
}

async function graphOf(file: string): Promise<ReadonlySet<string>> {
  const { code, stdout, stderr } = await deno(["info", "--json", file]);
  assert.equal(code, 0, stderr);
  const { modules }: { modules: readonly ModuleInfo[] } = JSON.parse(stdout);
  const root = new URL("../", import.meta.url).href;
  return new Set(
    modules.filter(({ specifier }) => specifier.startsWith(root))
      .map(({ specifier }) => specifier.slice(root.length)),
  );
}

async function* modulesBelow(room: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, room))) {
    if (isDirectory) yield* modulesBelow(`${room}/${name}`);
    else if (name.endsWith(".ts")) yield `${room}/${name}`;
  }
}

Deno.test("what is compiled has every command, every backend and all that is loaded late", async () => {
  const [command, library, testing] = await Promise.all(
    ["cli.ts", "mod.ts", "testing.ts"].map(graphOf),
  );
  for (const room of ["cli", "backends", "lib"]) {
    for await (const module of modulesBelow(room)) {
      // What the command has no use for is there for scripts, or for authors of drivers.
      if (room === "lib" && (library!.has(module) || testing!.has(module))) continue;
      assert(command!.has(module), `cli.ts does not reach ${module}`);
    }
  }
});

Deno.test("only a configured driver is imported by a name that no graph can know", async () => {
  const unknown: string[] = [];
  for (const room of ["cli", "backends", "lib", "tests/emulator"]) {
    for await (const module of modulesBelow(room)) {
      const text = await Deno.readTextFile(join(ROOT, module));
      if (/\bawait import\((?!")/.test(text)) unknown.push(module);
    }
  }
  assert.deepEqual(unknown, ["backends/load_driver.ts"]);
});

Deno.test("deno compile takes all of it in, and its checksum is told", async () => {
  const output = await Deno.makeTempDir();
  try {
    const target = Deno.build.target;
    const made = await deno(
      ["task", "--quiet", "compile", "--target", target, "--output", output],
      {
        // The real base cannot be had everywhere: any executable will do to see what is put into it.
        env: { DENORT_BIN: Deno.execPath(), NO_COLOR: "1" },
      },
    );
    assert.equal(made.code, 0, made.stderr);
    const checked = await new Deno.Command("sha256sum", {
      args: ["--check", "SHA256SUMS"],
      cwd: output,
    }).output();
    assert(checked.success, new TextDecoder().decode(checked.stdout));
  } finally {
    await Deno.remove(output, { recursive: true });
  }
});

Deno.test("the package for npm can be packed", async () => {
  const { code, stderr } = await deno(["pack", "--dry-run", "--allow-dirty"]);
  assert.equal(code, 0, stderr);
});

Deno.test("the release workflow runs tasks that exist, with the gate's Deno", async () => {
  const workflow = await Deno.readTextFile(join(ROOT, ".github/workflows/release.yml"));
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const used = [...workflow.matchAll(/deno task (\S+)/g)].map(([, task]) => task!);
  assert.deepEqual(used, ["compile", "bundle"]);
  for (const task of used) assert(task in tasks, `there is no task ${task}`);
  const gate = await Deno.readTextFile(join(ROOT, ".ci/run"));
  const version = /DENO_VERSION: (\S+)/.exec(workflow)?.[1];
  assert.match(gate, new RegExp(`^readonly DENO_VERSION=${version}$`, "m"));
});
