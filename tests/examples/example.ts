/** Runs the scripts of examples/ under exactly the permissions that stand in their comments. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type CommandResult, resultOf, startCommand } from "../command.ts";
import type { CommandWorld } from "../command_world.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);

/** A command line of an example's comment, `$NAME`s as they stand. */
export interface ExampleLine {
  /** Below the repository: the example, or the command that uses it. */
  readonly script: string;
  readonly allow: readonly string[];
  readonly args: readonly string[];
}

/** The names of all examples, without `.ts`. */
export async function exampleNames(): Promise<string[]> {
  const files = await Array.fromAsync(Deno.readDir(EXAMPLES));
  return files.map(({ name }) => name.replace(/\.ts$/, "")).sort();
}

/** What an example's file holds. */
export function readExample(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`${name}.ts`, EXAMPLES));
}

/** The command line in an example's comment; it goes on after a line that ends in `\`. */
export async function exampleLine(name: string): Promise<ExampleLine> {
  const text = (await readExample(name)).replaceAll(/ \\\n \* +/g, " ");
  const words = /^ \* {5}deno run (.*)$/m.exec(text)?.[1]?.split(" ");
  assert(words, `${name}.ts does not say how it is run`);
  const at = words.findIndex((word) => word === `examples/${name}.ts` || word === "cli.ts");
  assert(at >= 0, `${name}.ts says how something else is run`);
  return { script: words[at]!, allow: words.slice(0, at), args: words.slice(at + 1) };
}

/** How an example is run. */
export interface ExampleRun {
  /** What stands in the place of `$NAME`s and of hosts, besides what the world says. */
  readonly values?: Readonly<Record<string, string>>;
  /** In place of the arguments in the comment, or after them. */
  readonly args?: readonly string[];
  /** After the arguments in the comment. */
  readonly more?: readonly string[];
  /** Flags of the comment that are left out. */
  readonly without?: string;
  /** Besides the server's keys. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is typed, where it is run on a terminal. Default: on none. */
  readonly typed?: string;
}

/** Start an example. */
export async function startExample(
  world: CommandWorld,
  name: string,
  { values = {}, args, more = [], without, env = {}, typed }: ExampleRun = {},
): Promise<Deno.ChildProcess> {
  const line = await exampleLine(name);
  const fill = (word: string) => {
    const filled = Object.entries(values)
      .reduce((text, [key, value]) => text.replaceAll(key, value), word);
    return world.fill(filled);
  };
  const allow = line.allow.filter((flag) => flag !== without);
  const child = await startCommand([
    ...await Promise.all([...args ?? line.args, ...more].map(fill)),
  ], {
    ...(typed !== undefined && { terminal: true, stdin: "piped" }),
    script: fileURLToPath(new URL(`../${line.script}`, EXAMPLES)),
    allow: await Promise.all(allow.map(fill)),
    env: {
      AWS_ACCESS_KEY_ID: world.server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: world.server.secretAccessKey,
      ...env,
    },
  });
  if (typed !== undefined) await new Blob([typed]).stream().pipeTo(child.stdin);
  return child;
}

/** Run an example to its end. */
export async function runExample(
  world: CommandWorld,
  name: string,
  run?: ExampleRun,
): Promise<CommandResult> {
  return await resultOf(await startExample(world, name, run));
}

/** Without any one of the flags in its comment, an example fails and names a flag. */
export async function assertNoFlagSuperfluous(
  world: CommandWorld,
  name: string,
  run: ExampleRun = {},
): Promise<void> {
  for (const without of (await exampleLine(name)).allow) {
    const { code, stdout, stderr } = await runExample(world, name, { ...run, without });
    assert.notEqual(code, 0, `${name} works without ${without}`);
    assert.match(stdout + stderr, /--allow-/, `${name} without ${without} names no flag`);
  }
}
