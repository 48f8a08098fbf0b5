/** The rules of docs/DESIGN.md. Each gives its problems in words, none when all is well. */
import type { Module } from "./module_graph.ts";
import { LIBRARY_ROOMS, type Room, roomOf, ROOMS, WORKSHOPS } from "./rooms.ts";

/** Arrows point down only: a module imports what its room may. */
export function findForbiddenArrows(
  modules: readonly Module[],
  rooms: readonly Room[] = ROOMS,
): string[] {
  return modules.flatMap(({ path, imports }) => {
    const own = roomOf(path, rooms);
    if (!own) return [`${path}: lives in no room that tools/architecture/rooms.ts knows`];
    const isAllowed = (target: string) =>
      roomOf(target, rooms) === own || own.mayImport.some((room) => target.startsWith(room));
    const allowed = own.mayImport.join(", ") || "nothing outside itself";
    return imports.filter((target) => !isAllowed(target))
      .map((target) => `${path} -> ${target}: ${own.room} may import from ${allowed}`);
  });
}

/** No module depends on itself; the first cycle found is told. */
export function findCycle(modules: readonly Module[]): string[] {
  const arrows = new Map(modules.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const trail: string[] = [];
  function visit(path: string): string | undefined {
    const at = trail.indexOf(path);
    if (at >= 0) return [...trail.slice(at), path].join(" -> ");
    if (done.has(path)) return;
    trail.push(path);
    for (const next of arrows.get(path) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    trail.pop();
    done.add(path);
  }
  for (const { path } of modules) {
    const cycle = visit(path);
    if (cycle) return [`cycle: ${cycle}`];
  }
  return [];
}

const EXACT_NPM = /^npm:\/?((?:@[^/]+\/)?[^@/]+)@(\d+\.\d+\.\d+[^/]*)(?:\/.*)?$/;

/** Each npm package is named exactly, in one version, and is at home in one module or folder. */
export function findPackageProblems(modules: readonly Module[]): string[] {
  const problems: string[] = [];
  const versions = new Map<string, Set<string>>(), homes = new Map<string, Set<string>>();
  for (const { path, packages } of modules) {
    for (const specifier of packages) {
      const [, name, version] = EXACT_NPM.exec(specifier) ?? [];
      if (!name || !version) problems.push(`${path}: ${specifier} names no exact version`);
      else {
        versions.set(name, (versions.get(name) ?? new Set()).add(version));
        if (!WORKSHOPS.some((room) => path.startsWith(room))) {
          homes.set(name, (homes.get(name) ?? new Set()).add(homeOf(path)));
        }
      }
    }
  }
  for (const [name, found] of versions) {
    if (found.size > 1) problems.push(`npm:${name} in ${found.size} versions: ${list(found)}`);
  }
  for (const [name, found] of homes) {
    if (found.size > 1) problems.push(`npm:${name} is at home in ${list(found)}: choose one`);
  }
  return problems;
}

/** `lib/config` for `lib/config.ts` and all of `lib/config/`; all of `cli/` is one. */
function homeOf(path: string): string {
  const parts = path.replace(/\.ts$/, "").split("/");
  return parts.slice(0, parts[0] === "lib" ? 2 : 1).join("/");
}

function list(items: Iterable<string>): string {
  return [...items].sort().join(", ");
}

const PROCESS_USE = /\b(console\.\w+|Deno\.(?:exit|args|env|exitCode)|process\.(?:env|exit))\b/;

/** A library leaves the terminal, the environment and the exit code to the program around it. */
export async function findProcessUse(
  modules: readonly Module[],
  readText: (path: string) => Promise<string>,
): Promise<string[]> {
  const problems: string[] = [];
  for (const { path } of modules) {
    if (!LIBRARY_ROOMS.some((room) => path.startsWith(room))) continue;
    const found = PROCESS_USE.exec(withoutComments(await readText(path)))?.[0];
    if (found) problems.push(`${path}: uses ${found}; only cli/ may`);
  }
  return problems;
}

/** Examples in doc comments may print. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
}
