/** Runs the real command as a child process, under the permissions that are documented. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { quoted } from "../cli/quoted.ts";

const CLI = fileURLToPath(new URL("../cli.ts", import.meta.url));
const PERMISSIONS = new URL("../README.md", import.meta.url);

/** What a run of the command came to. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the command is run. */
export interface CommandOptions {
  /** `--allow-...` flags. Default: none. */
  readonly allow?: readonly string[];
  /** Besides these, the environment is empty. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: that of the tests. */
  readonly cwd?: string;
  /** Default: nothing. */
  readonly stdin?: "null" | "piped";
  /** Path of another program than the command. */
  readonly script?: string;
  /** Whether it runs on a terminal of its own, by script(1), which shows all of it as output. */
  readonly terminal?: boolean;
}

/** The environment that a child has: where Deno's cache is, and nothing of the user's. */
let bareEnvironment: Promise<Record<string, string>> | undefined;

/** Where the Deno that runs this keeps what it has loaded. */
export async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

async function readBareEnvironment(): Promise<Record<string, string>> {
  return {
    DENO_DIR: await denoDir(),
    PATH: Deno.env.get("PATH") ?? "",
    HOME: "/nonexistent",
  };
}

/** Start the command. */
export async function startCommand(
  args: readonly string[],
  { allow = [], env = {}, cwd, stdin = "null", script = CLI, terminal }: CommandOptions = {},
): Promise<Deno.ChildProcess> {
  bareEnvironment ??= readBareEnvironment();
  const words = ["run", "--quiet", "--no-prompt", "--no-check", ...allow, script, ...args];
  const shown = [Deno.execPath(), ...words].map(quoted).join(" ");
  return new Deno.Command(terminal ? "script" : Deno.execPath(), {
    args: terminal ? ["-qec", shown, "/dev/null"] : words,
    clearEnv: true,
    env: { ...await bareEnvironment, ...env },
    stdin,
    stdout: "piped",
    stderr: "piped",
    ...(cwd !== undefined && { cwd }),
  }).spawn();
}

/** Run the command to its end. */
export async function runCommand(
  args: readonly string[],
  options?: CommandOptions,
): Promise<CommandResult> {
  return await resultOf(await startCommand(args, options));
}

/** What a started command comes to. */
export async function resultOf(child: Deno.ChildProcess): Promise<CommandResult> {
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A command line of README.md: its flags and its arguments, `$NAME`s as they stand. */
export interface DocumentedLine {
  readonly allow: readonly string[];
  readonly args: readonly string[];
}

/** All command lines of README.md. */
export async function documentedLines(): Promise<DocumentedLine[]> {
  const text = await Deno.readTextFile(PERMISSIONS);
  const lines = [...text.matchAll(/^ {4}deno run (.*)$/gm)].map(([, line]) => line!.split(" "));
  assert(lines.length > 0, "README.md holds no command line");
  return lines.map((words) => {
    const script = words.indexOf("cli.ts");
    return { allow: words.slice(0, script), args: words.slice(script + 1) };
  });
}

/** The value that README.md gives a `$NAME`. */
export async function documentedValue(name: string): Promise<string> {
  const text = await Deno.readTextFile(PERMISSIONS);
  const value = new RegExp(`^ {4}${name}=(.*)$`, "m").exec(text)?.[1];
  assert(value, `README.md does not say what ${name} is`);
  return value;
}

/** The documented flags of a command, by its first argument. */
export async function documentedFlags(command: string): Promise<readonly string[]> {
  const line = (await documentedLines()).find(({ args }) => args[0] === command);
  assert(line, `README.md has no line for ${command}`);
  return line.allow;
}
