/**
 * Shows that the simulation would notice: takes each guard of gc out, one by one, in a copy of the
 * code, and fails unless the simulation fails. Run by `deno task test:guards`.
 */
import { fileURLToPath } from "node:url";

/** A guard, and what the code would be without it. */
interface Guard {
  readonly what: string;
  readonly file: string;
  readonly code: string;
  readonly without: string;
}

const GUARDS: readonly Guard[] = [
  {
    what: "a version that is current stays",
    file: "lib/gc/fresh_look.ts",
    code: "if ((page.flags[row]! & LATEST) !== 0) return false;",
    without: "",
  },
  {
    what: "a version that a kept point names stays",
    file: "lib/gc/candidates.ts",
    code: "other.live && hasSameId(row, other)",
    without: "false",
  },
  {
    what: "a null version that is another object stays",
    file: "lib/gc/fresh_look.ts",
    code: 'candidate.versionId !== "null" || isSameNull(candidate, page, row)',
    without: "true",
  },
  {
    what: "points are marked before versions go",
    file: "lib/gc/collect.ts",
    code: "await markExpired(this.#task.store, point, now, { signal: this.#signal });",
    without: "",
  },
  {
    what: "the lock is confirmed before each batch",
    file: "lib/gc/collect.ts",
    code: "await this.#guard();\n      const named",
    without: "const named",
  },
  {
    what: "a point whose version could not be deleted stays marked",
    file: "lib/gc/collect.ts",
    code: "!tally.incomplete.has(index)",
    without: "true",
  },
  {
    what: "a removal that was begun is finished",
    file: "lib/gc.ts",
    code: "own.filter(({ expired }) => expired)",
    without: "own.filter(() => false)",
  },
  {
    what: "the manifest goes before the parts",
    file: "lib/point.ts",
    code: "return [manifest, ...others, mark];",
    without: "return [...others, manifest, mark];",
  },
  {
    what: "the mark goes last",
    file: "lib/point.ts",
    code: "return [manifest, ...others, mark];",
    without: "return [mark, manifest, ...others];",
  },
  {
    what: "parts without a manifest are removed in the end",
    file: "lib/gc/leftovers.ts",
    code: "const isOrphan = alone &&",
    without: "const isOrphan = false &&",
  },
  {
    what: "a holder notices that another took over",
    file: "lib/lock/held_lock.ts",
    code: "throw this.#lose(head ?",
    without: "void (head ?",
  },
];

const COPIED = ["lib", "backends", "tests", "deno.json", "deno.lock"];

async function copy(from: string, to: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  if (!isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}

/** Whether a promise is broken; that too little came about to prove anything does not count. */
async function simulationFails(root: string): Promise<boolean> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", "--quiet", "--allow-env", "tests/gc_simulation_test.ts"],
    cwd: root,
    env: { BMB_RUNS: "5", NO_COLOR: "1" },
    stdout: "piped",
    stderr: "null",
  }).output();
  return !success && new TextDecoder().decode(stdout).includes("seen again with BMB_SEED=");
}

async function main(): Promise<number> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const scratch = await Deno.makeTempDir();
  try {
    for (const name of COPIED) await copy(root + name, `${scratch}/${name}`);
    if (await simulationFails(scratch)) throw new Error("the simulation fails as the code stands");
    let missed = 0;
    for (const { what, file, code, without } of GUARDS) {
      const text = await Deno.readTextFile(root + file);
      if (!text.includes(code)) throw new Error(`${file} does not hold ${JSON.stringify(code)}`);
      await Deno.writeTextFile(`${scratch}/${file}`, text.replace(code, () => without));
      const isNoticed = await simulationFails(scratch);
      if (!isNoticed) missed++;
      console.log(`${isNoticed ? "noticed" : "MISSED "}  without: ${what}`);
      await Deno.writeTextFile(`${scratch}/${file}`, text);
    }
    return missed;
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main() > 0 ? 1 : 0);
