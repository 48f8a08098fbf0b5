import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { answerAtHand } from "../cli/answer_at_hand.ts";
import { createProgram } from "../cli/program.ts";
import { VERSION } from "../lib/model/version.ts";
import { helpTexts } from "../tools/help_texts.ts";
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

Deno.test("what deletes versions says that another store's snapshots protect nothing", () => {
  for (const name of ["gc", "delete"]) {
    const words = answerAtHand([name, "--help"])?.replace(/\s+/g, " ");
    assert.match(words ?? "", /Snapshots in another store .* do not protect/, name);
  }
});

Deno.test("the help at hand is the one that commander would write", async () => {
  const file = new URL("../cli/help_texts.json", import.meta.url);
  assert.deepEqual(
    JSON.parse(await Deno.readTextFile(file)),
    helpTexts(),
    "run: deno task help-texts",
  );
});

Deno.test("help is answered from what is at hand however it is usually asked for, and nothing else is", () => {
  const { program, commands } = helpTexts();
  for (const args of [["--help"], ["-h"], ["help"]]) {
    assert.equal(answerAtHand(args), program.join("\n"));
  }
  for (const [name, lines] of Object.entries(commands)) {
    for (const args of [[name, "--help"], [name, "-h"], ["help", name]]) {
      assert.equal(answerAtHand(args), lines.join("\n"));
    }
  }
  const others = ["", "gc", "--json", "nope --help", "help nope", "gc --help --json", "help gc -V"];
  for (const words of [...others, "constructor --help", "-V --help", "help --help", "gc -V"]) {
    assert.equal(answerAtHand(words.split(" ")), undefined, words);
  }
});

Deno.test("a start loads no package; a command's start loads commander and no operation", async () => {
  const [start, program] = await Promise.all(
    ["cli.ts", "cli/program.ts"].map((file) =>
      staticGraph(fileURLToPath(new URL(`../${file}`, import.meta.url)))
    ),
  ) as [string[], string[]];
  const packages = (loaded: string[]) => loaded.filter((specifier) => specifier.startsWith("npm:"));
  assert.deepEqual(packages(start), []);
  assert.deepEqual(packages(program).filter((name) => !name.includes("commander")), []);
  for (const loaded of [start, program]) {
    const files = loaded.map((name) => name.replace(/^.*\/(?=(?:lib|cli|backends)\/)/, ""));
    assert.deepEqual(files.filter((file) => /^backends\/|^lib\/(?!model\/)/.test(file)), []);
  }
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
