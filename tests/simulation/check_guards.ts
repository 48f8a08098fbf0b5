/**
 * Shows that the simulation would notice: takes each guard out, one by one, and fails unless a
 * promise is broken. Run by `deno task test:guards`; words on its command line choose guards
 * by what they keep.
 *
 * No file of the project is touched. An import map puts the changed module in the place of the one
 * that it was, so that everything else is what it is.
 */
import { type Guard, GUARDS } from "./guards.ts";

const ROOT = new URL("../../", import.meta.url);
/** More than the rarest guard takes. Every history is the same in each run. */
const HISTORIES = 1000;

/** What a module is without a guard, its imports such as can stand anywhere. */
async function moduleWithout({ what, file, code, without }: Guard): Promise<string> {
  const url = new URL(file, ROOT);
  const text = await Deno.readTextFile(url);
  if (text.split(code).length !== 2) {
    throw new Error(`${what}: ${file} must hold this once: ${JSON.stringify(code)}`);
  }
  return text.replace(code, () => without).replaceAll(
    /((?:from|import)\s*\(?)"(\.\.?\/[^"]+)"/g,
    (_, before: string, path: string) => `${before}${JSON.stringify(new URL(path, url).href)}`,
  );
}

/** Runs histories, with some guard left out, until one breaks a promise. @returns Which promise */
async function brokenWithout(guard: Guard | undefined, directory: string): Promise<string> {
  const name = crypto.randomUUID();
  const module = `${directory}/${name}.ts`, map = `${directory}/${name}.json`;
  const imports: Record<string, string> = {};
  if (guard) {
    await Deno.writeTextFile(module, await moduleWithout(guard));
    imports[new URL(guard.file, ROOT).href] = `file://${module}`;
  }
  await Deno.writeTextFile(map, JSON.stringify({ imports }));
  const main = new URL("main.ts", import.meta.url).href;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--quiet", "--allow-read", "--allow-env", `--import-map=${map}`]
      .concat([main, "--seeds", String(HISTORIES), "--threads", "1", "--no-shrink"]),
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (code === 0) return "";
  if (code === 1) return `${text.trim().split("\n").at(-1)}: ${text.split("\n")[0]}`;
  throw new Error(`${guard?.what}: ${new TextDecoder().decode(stderr)}`);
}

/** @returns Whether it was noticed. */
async function check(guard: Guard, directory: string): Promise<boolean> {
  const promise = await brokenWithout(guard, directory);
  console.log(`${promise === "" ? "MISSED " : "noticed"}  without: ${guard.what}`);
  if (promise !== "") console.log(`         ${promise}`);
  return promise !== "";
}

async function main(words: readonly string[]): Promise<number> {
  const chosen = GUARDS.filter(({ what }) =>
    words.length === 0 || words.some((word) => what.includes(word))
  );
  const directory = await Deno.makeTempDir();
  let missed = 0;
  try {
    const left = chosen.values();
    await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, async () => {
      for (const guard of left) if (!await check(guard, directory)) missed++;
    }));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  console.log(`${chosen.length - missed} of ${chosen.length} guards are missed when they are gone`);
  return missed > 0 || chosen.length === 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
