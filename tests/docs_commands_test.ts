/** Every command line of README.md and docs/ is run as it stands, or is known to be run elsewhere. */
import assert from "node:assert/strict";
import pMap from "npm:p-map@7.1.1";
import { assertNoneAdded, checkoutFiles } from "./documented/checkout_files.ts";
import {
  type CommandBlock,
  commandBlocks,
  documentNames,
  namedOptions,
  readCode,
} from "./documented/commands.ts";
import { DocumentedWorld } from "./documented/documented_world.ts";
import { ELSEWHERE } from "./documented/elsewhere.ts";

const ROOT = new URL("../", import.meta.url);
/** Shells that run at once. */
const SHELLS = 4;
/** The walk-through has a test of its own, on both servers. */
const WALKTHROUGH = 'README.md, "Your first real bucket"';

/** All blocks of all documents that hold commands; one that is told twice, once. */
async function allBlocks() {
  const codes = await Promise.all((await documentNames()).map(readCode));
  const byText = new Map(
    codes.flatMap(commandBlocks).map((block) => [block.lines.join("\n"), block]),
  );
  return [...byText.values()];
}

function provedElsewhere(line: string) {
  return ELSEWHERE.find(({ lines }) => lines.test(line));
}

const ADVICE = "Correct them; or give their placeholders a value in " +
  "tests/documented/documented_world.ts; or say in tests/documented/elsewhere.ts what runs them.";

Deno.test("every command line of the documents works as it stands", async () => {
  const blocks = await allBlocks();
  const toRun = blocks.filter(({ place, lines }) =>
    place !== WALKTHROUGH && !lines.every((line) => provedElsewhere(line))
  );
  assert(toRun.length > 20, `only ${toRun.length} commands were found`);
  const before = await checkoutFiles();
  const failures = await pMap(toRun, runBlock, { concurrency: SHELLS });
  assert.deepEqual(failures.flat(), [], ADVICE);
  await assertNoneAdded(before);
});

/** Paste a block into a shell of its own. @returns What went wrong */
async function runBlock({ place, lines }: CommandBlock): Promise<string[]> {
  await using world = await DocumentedWorld.create();
  await using shell = await world.shell();
  for (const line of lines.filter((line) => !provedElsewhere(line))) {
    const pasted = world.fill(line);
    const { code, output } = await shell.paste(pasted);
    const isWell = code === 0 && (!line.includes("--quiet") || output === "");
    if (!isWell) return [`${place}: ${line}\n  run as ${pasted}\n  ends with ${code}: ${output}`];
  }
  return [];
}

Deno.test("what is said to be run elsewhere is told to readers, and is run there", async () => {
  const lines = (await allBlocks()).flatMap((block) => block.lines);
  for (const { lines: pattern, by, says } of ELSEWHERE) {
    assert(lines.some((line) => pattern.test(line)), `no document says ${pattern} any more`);
    const text = await Deno.readTextFile(new URL(by, ROOT));
    assert(text.includes(says), `${by} does not say ${says}`);
  }
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  for (const line of lines) {
    const task = /\bdeno(?:@\S+)? task (\S+)/.exec(line)?.[1];
    if (task !== undefined) assert(task in tasks, `${line}: there is no such task`);
  }
});

Deno.test("every option that the documents name is one", async () => {
  const manual = await Deno.readTextFile(new URL("docs/backup-my-bucket.1", ROOT));
  const known = new Set(manual.replaceAll("\\-", "-").match(/--?[a-z0-9][a-z-]*/g));
  for (const name of await documentNames()) {
    // Those of the benchmarks are another program's.
    if (name === "docs/PERFORMANCE.md") continue;
    for (const { place, option } of namedOptions(await readCode(name))) {
      assert(known.has(option), `${place}: there is no option ${option}`);
    }
  }
});
