import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createProgram } from "../cli/program.ts";
import { VERSION } from "../lib/model/version.ts";
import { runCommand } from "./command.ts";

Deno.test("--help and --version need no permission and print to stdout only", async () => {
  for (const args of [["--help"], ["-h"], ["help"]]) {
    const { code, stdout, stderr } = await runCommand(args);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /^Usage: backup-my-bucket \[options\] \[command\]/);
  }
  for (const args of [["--version"], ["-V"], ["list", "-V"]]) {
    assert.deepEqual(await runCommand(args), { code: 0, stdout: `${VERSION}\n`, stderr: "" });
  }
});

Deno.test("each command's help tells its own options and those of all", async () => {
  for (const command of createProgram().commands) {
    const { code, stdout, stderr } = await runCommand([command.name(), "--help"]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, command.name());
    for (const { long } of command.options) assert(stdout.includes(`${long}`), `${long}`);
    assert(stdout.includes("--json"));
  }
});

Deno.test("what --help loads holds neither the SDK nor the library's operations", async () => {
  const loaded = await staticGraph(fileURLToPath(new URL("../cli.ts", import.meta.url)));
  const files = loaded.map((specifier) => specifier.replace(/^.*\/(?=(?:lib|cli|backends)\/)/, ""));
  assert(files.includes("cli/program.ts"));
  assert.deepEqual(
    loaded.filter((specifier) => specifier.startsWith("npm:"))
      .filter((specifier) => !specifier.includes("commander")),
    [],
  );
  assert.deepEqual(files.filter((file) => /^backends\/|^lib\/(?!model\/)/.test(file)), []);
});

interface GraphModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
  }[];
}

/** The modules that a start loads: those that are imported, not on demand and not for types. */
async function staticGraph(entry: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry] })
    .output();
  const graph: { roots: string[]; modules: GraphModule[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const loaded = new Set<string>(graph.roots);
  for (const specifier of loaded) {
    const module = graph.modules.find((each) => each.specifier === specifier);
    for (const { isDynamic, code, specifier } of module?.dependencies ?? []) {
      if (!isDynamic && code) loaded.add(code.specifier ?? specifier);
    }
  }
  return [...loaded];
}
