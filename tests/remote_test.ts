/** The command and the library from a URL, on a machine that has Deno and nothing else. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type CommandResult, documentedFlags } from "./command.ts";
import { CommandWorld } from "./command_world.ts";
import { doMainJob } from "./main_job.ts";
import { type FileServer, serveCheckout } from "./remote/file_server.ts";
import { serveNpmMirror } from "./remote/npm_mirror.ts";

/** A machine where nothing was ever run: an empty cache, an empty home, no checkout. */
class BareMachine implements AsyncDisposable {
  readonly world: CommandWorld;
  readonly web: FileServer;
  readonly #stack: AsyncDisposableStack;
  readonly #registry: string;

  private constructor(
    world: CommandWorld,
    web: FileServer,
    registry: string,
    stack: AsyncDisposableStack,
  ) {
    this.world = world;
    this.web = web;
    this.#registry = registry;
    this.#stack = stack;
  }

  static async create(): Promise<BareMachine> {
    await using stack = new AsyncDisposableStack();
    const web = stack.use(await serveCheckout());
    const { url } = stack.use(await serveNpmMirror());
    const world = stack.use(await CommandWorld.create());
    await Deno.mkdir(join(world.dir, "home"));
    return new BareMachine(world, web, url, stack.move());
  }

  /** Run a command from the URL under exactly the documented permissions. */
  async run(command: string, args: readonly string[]): Promise<CommandResult> {
    return await this.deno([
      ...await this.flags(command),
      `${this.web.url}/cli.ts`,
      command,
      ...args,
    ]);
  }

  /** The documented permissions of a command. */
  async flags(command: string): Promise<string[]> {
    const flags = await documentedFlags(command);
    return await Promise.all(flags.map((flag) => this.world.fill(flag)));
  }

  /** `deno run` with these words. */
  async deno(words: readonly string[]): Promise<CommandResult> {
    const { accessKeyId, secretAccessKey } = this.world.server;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--quiet", ...words],
      clearEnv: true,
      cwd: join(this.world.dir, "home"),
      env: {
        DENO_DIR: join(this.world.dir, "cache"),
        HOME: join(this.world.dir, "home"),
        NPM_CONFIG_REGISTRY: this.#registry,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

Deno.test("from a URL and an empty cache, the command does the main job", async () => {
  await using machine = await BareMachine.create();
  await doMainJob(machine.world, (command, args) => machine.run(command, args));
  assert.deepEqual(machine.web.missing, [], "not everything that is asked for is there");
});

Deno.test("from a URL, a script imports the library", async () => {
  await using machine = await BareMachine.create();
  const { world, web } = machine;
  world.server.seed(world.bucket, [{ key: "a", lastModified: Date.now() - 7_200_000 }]);
  const script = join(world.dir, "home", "nightly.ts");
  await Deno.writeTextFile(
    script,
    `import { openBucket, openStore, snapshot } from "${web.url}/mod.ts";
await using bucket = openBucket("${world.url()}");
await using store = await openStore("${world.store}");
console.log((await snapshot({ bucket, store })).objects);
`,
  );
  const host = new URL(web.url).host;
  const { code, stdout, stderr } = await machine.deno([
    `--allow-import=${host}`,
    ...await machine.flags("snapshot"),
    script,
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "1\n");
});

Deno.test("the manual page is had from the URL, too, as the README says", async () => {
  await using web = await serveCheckout();
  const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
  const [, path] = /`curl -O https:\/\/example\.com\/backup-my-bucket\/(\S+)`/.exec(readme) ?? [];
  const page = await (await fetch(`${web.url}/${path}`)).text();
  assert.match(page, /^\.TH BACKUP-MY-BUCKET 1/m);
});
