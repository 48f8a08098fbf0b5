/**
 * Fails when the module graph breaks the rules of docs/DESIGN.md: an import that points up, a
 * cycle, an npm package in two versions, without an exact one or at home in two rooms, or a module
 * of the library that reaches for the terminal, the environment or the exit code.
 */
import { readModuleGraph } from "./architecture/module_graph.ts";
import {
  findCycle,
  findForbiddenArrows,
  findPackageProblems,
  findProcessUse,
} from "./architecture/rules.ts";

async function findProblems(root: URL): Promise<string[]> {
  const modules = await readModuleGraph(root);
  return [
    ...findForbiddenArrows(modules),
    ...findCycle(modules),
    ...findPackageProblems(modules),
    ...await findProcessUse(modules, (path) => Deno.readTextFile(new URL(path, root))),
  ];
}

if (import.meta.main) {
  const problems = await findProblems(new URL("../", import.meta.url));
  for (const problem of problems) console.error(`architecture: ${problem}`);
  if (problems.length > 0) Deno.exit(1);
}
