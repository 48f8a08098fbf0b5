/**
 * Fails when the module graph breaks the rules of docs/DESIGN.md: an import that points up, a
 * cycle, an npm package imported in two versions, without an exact one or by two rooms, or a
 * module outside cli/ that reaches for the terminal, the environment or the exit code.
 */
import { fileURLToPath } from "node:url";

/** What each room may import from, besides itself. First matching prefix wins. */
const ROOMS: readonly { readonly room: string; readonly mayImport: readonly string[] }[] = [
  { room: "cli.ts", mayImport: ["cli/"] },
  // The demo is the one command that brings its own S3 server.
  {
    room: "cli/commands/demo",
    mayImport: ["cli/", "mod.ts", "lib/", "backends/", "tests/emulator/"],
  },
  { room: "cli/", mayImport: ["cli/", "mod.ts", "lib/", "backends/"] },
  { room: "mod.ts", mayImport: ["lib/", "backends/"] },
  { room: "testing.ts", mayImport: ["lib/model/", "lib/conformance/"] },
  { room: "lib/model/", mayImport: [] },
  { room: "lib/conformance/", mayImport: ["lib/model/"] },
  { room: "lib/s3/", mayImport: ["lib/model/"] },
  { room: "lib/index/", mayImport: ["lib/model/"] },
  { room: "lib/", mayImport: ["lib/model/", "lib/s3/", "lib/index/"] },
  { room: "backends/", mayImport: ["lib/model/", "lib/s3/"] },
  { room: "tests/emulator/", mayImport: [] },
  { room: "tests/", mayImport: [""] },
  { room: "bench/", mayImport: [""] },
  { room: "examples/", mayImport: ["mod.ts", "testing.ts", "tests/emulator/"] },
  { room: "tools/", mayImport: [""] },
];

/** Modules whose graph is checked: every TypeScript file that git tracks or would track. */
async function projectFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  async function walk(dir: string): Promise<void> {
    for await (const item of Deno.readDir(`${root}/${dir}`)) {
      const path = dir + item.name;
      if (item.name.startsWith(".") || item.name === "node_modules") continue;
      if (item.isDirectory) await walk(`${path}/`);
      else if (item.name.endsWith(".ts")) files.push(path);
    }
  }
  await walk("");
  return files.sort();
}

interface GraphModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

async function readGraph(root: string, file: string): Promise<GraphModule[]> {
  const output = await new Deno.Command("deno", {
    args: ["info", "--json", file],
    cwd: root,
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!output.success) throw new Error(new TextDecoder().decode(output.stderr));
  return JSON.parse(new TextDecoder().decode(output.stdout)).modules;
}

function roomOf(path: string) {
  return ROOMS.find(({ room }) => path.startsWith(room));
}

function checkArrow(from: string, to: string): string | undefined {
  const rule = roomOf(from);
  if (!rule) return `${from}: lives in no room that tools/check_architecture.ts knows`;
  const target = roomOf(to);
  if (rule === target || rule.mayImport.some((allowed) => to.startsWith(allowed))) return;
  return `${from} -> ${to}: ${rule.room} may import from ${
    rule.mayImport.join(", ") || "nothing outside itself"
  }`;
}

function findCycle(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  function visit(node: string): string[] | undefined {
    const at = path.indexOf(node);
    if (at >= 0) return [...path.slice(at), node];
    if (done.has(node)) return;
    path.push(node);
    for (const next of arrows.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(node);
  }
  for (const node of arrows.keys()) {
    const cycle = visit(node);
    if (cycle) return cycle;
  }
}

/** Rooms that are imported by others' programs: what belongs to the process is not theirs. */
const LIBRARY_ROOMS = ["mod.ts", "testing.ts", "lib/", "backends/"];
const PROCESS_USE = /\b(console\.\w+|Deno\.(?:exit|args|env|exitCode)|process\.(?:env|exit))\b/;

async function findProcessUse(root: string, file: string): Promise<string | undefined> {
  if (!LIBRARY_ROOMS.some((room) => file.startsWith(room))) return;
  const text = await Deno.readTextFile(root + file);
  // Examples in doc comments may print.
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
  return PROCESS_USE.exec(code)?.[0];
}

const EXACT_NPM = /^npm:\/?((?:@[^/]+\/)?[^@/]+)@(\d+\.\d+\.\d+[^/]*)(?:\/.*)?$/;

async function main(): Promise<number> {
  const prefix = new URL("../", import.meta.url).href;
  const root = fileURLToPath(prefix);
  const arrows = new Map<string, Set<string>>();
  const packages = new Map<string, Map<string, string>>();
  const problems: string[] = [];

  for (const file of await projectFiles(root)) {
    if (arrows.has(file)) continue;
    for (const module of await readGraph(root, file)) {
      if (!module.specifier.startsWith(prefix)) continue;
      const from = module.specifier.slice(prefix.length);
      if (arrows.has(from)) continue;
      const targets = new Set<string>();
      arrows.set(from, targets);
      for (const dependency of module.dependencies ?? []) {
        if (dependency.specifier.startsWith("npm:")) {
          const match = EXACT_NPM.exec(dependency.specifier);
          if (!match) problems.push(`${from}: ${dependency.specifier} names no exact version`);
          else {
            const versions = packages.get(match[1]!) ?? new Map<string, string>();
            packages.set(match[1]!, versions.set(match[2]!, from));
          }
        }
        const target = dependency.code?.specifier ?? dependency.type?.specifier;
        if (target?.startsWith(prefix)) targets.add(target.slice(prefix.length));
      }
    }
  }
  for (const [from, targets] of arrows) {
    for (const to of targets) {
      const problem = checkArrow(from, to);
      if (problem) problems.push(problem);
    }
  }
  for (const from of arrows.keys()) {
    const found = await findProcessUse(root, from);
    if (found) problems.push(`${from}: uses ${found}; only cli/ may`);
  }
  const cycle = findCycle(arrows);
  if (cycle) problems.push(`cycle: ${cycle.join(" -> ")}`);
  for (const [name, versions] of packages) {
    if (versions.size > 1) {
      const uses = [...versions].map(([version, from]) => `${version} in ${from}`).join(", ");
      problems.push(`npm:${name} in ${versions.size} versions: ${uses}`);
    }
  }
  for (const problem of problems) console.error(`architecture: ${problem}`);
  return problems.length;
}

if (import.meta.main) Deno.exit(await main() > 0 ? 1 : 0);
