/** Command lines of the documents that need jq, which is no part of every machine. */
import assert from "node:assert/strict";
import { commandBlocks, documentNames, readCode } from "../documented/commands.ts";
import { DocumentedWorld } from "../documented/documented_world.ts";

Deno.test("what the documents pipe through jq works as it stands", async () => {
  const codes = await Promise.all((await documentNames()).map(readCode));
  const lines = codes.flatMap(commandBlocks).flatMap((block) => block.lines)
    .filter((line) => line.includes("| jq "));
  assert(lines.length > 0, "no document pipes through jq");
  for (const line of lines) {
    await using world = await DocumentedWorld.create();
    await using shell = await world.shell();
    const { code, output } = await shell.paste(world.fill(line));
    assert.equal(code, 0, `${line}: ${output}`);
    assert.match(output, /Restored/);
  }
});
