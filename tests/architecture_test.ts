import assert from "node:assert/strict";
import type { Module } from "../tools/architecture/module_graph.ts";
import {
  findCycle,
  findForbiddenArrows,
  findPackageProblems,
  findProcessUse,
} from "../tools/architecture/rules.ts";

function module(path: string, imports: string[] = [], packages: string[] = []): Module {
  return { path, imports, packages };
}

Deno.test("an arrow that points up is named with what its room may import", () => {
  const fine = module("lib/gc.ts", ["lib/model/store.ts", "lib/s3/bucket.ts", "lib/lock.ts"]);
  assert.deepEqual(findForbiddenArrows([fine]), []);
  const up = module("lib/s3/bucket.ts", ["lib/gc.ts"]);
  assert.deepEqual(findForbiddenArrows([fine, up]), [
    "lib/s3/bucket.ts -> lib/gc.ts: lib/s3/ may import from lib/model/",
  ]);
  const [outside] = findForbiddenArrows([module("lib/model/entry.ts", ["mod.ts"])]);
  assert.match(outside!, /lib\/model\/ may import from nothing outside itself/);
  assert.match(findForbiddenArrows([module("somewhere/else.ts")])[0]!, /lives in no room/);
});

Deno.test("the emulator is imported by the demo alone", () => {
  const emulator = ["tests/emulator/emulator.ts"];
  assert.deepEqual(findForbiddenArrows([module("cli/commands/demo.ts", emulator)]), []);
  assert.equal(findForbiddenArrows([module("cli/commands/gc.ts", emulator)]).length, 1);
  assert.equal(findForbiddenArrows([module("lib/gc.ts", emulator)]).length, 1);
});

Deno.test("a cycle is told as the way around", () => {
  const a = module("a.ts", ["b.ts"]), b = module("b.ts", ["c.ts"]);
  assert.deepEqual(findCycle([a, b, module("c.ts")]), []);
  assert.deepEqual(findCycle([a, b, module("c.ts", ["b.ts"])]), ["cycle: b.ts -> c.ts -> b.ts"]);
});

Deno.test("a package has an exact version, one only, and one home", () => {
  const problemsOf = (...modules: Module[]) => findPackageProblems(modules);
  const zod = "npm:zod@4.6.7";
  assert.deepEqual(
    problemsOf(
      module("lib/config.ts", [], [zod]),
      module("lib/config/schema.ts", [], [zod]),
      module("tests/config_test.ts", [], [zod]),
    ),
    [],
  );
  assert.match(problemsOf(module("lib/config.ts", [], ["npm:zod@4"]))[0]!, /no exact version/);
  assert.deepEqual(
    problemsOf(
      module("lib/config.ts", [], [zod]),
      module("tests/config_test.ts", [], ["npm:zod@4.0.0"]),
    ),
    ["npm:zod in 2 versions: 4.0.0, 4.6.7"],
  );
  assert.deepEqual(
    problemsOf(module("lib/config.ts", [], [zod]), module("cli/main.ts", [], [zod])),
    ["npm:zod is at home in cli, lib/config: choose one"],
  );
});

Deno.test("a library module that reaches for the process is named, its examples are not", async () => {
  const problemsOf = (path: string, text: string) =>
    findProcessUse([module(path)], () => Promise.resolve(text));
  assert.deepEqual(await problemsOf("lib/gc.ts", "/** console.log(1) */\n// Deno.exit(1)\n"), []);
  assert.deepEqual(await problemsOf("cli/main.ts", "console.error(1)"), []);
  assert.deepEqual(await problemsOf("lib/gc.ts", "console.log(1)"), [
    "lib/gc.ts: uses console.log; only cli/ may",
  ]);
  assert.equal((await problemsOf("mod.ts", "Deno.env.get('HOME')")).length, 1);
});
