/** The scripts of examples/, each run as its comment says. */
import assert from "node:assert/strict";
import { exampleLine, exampleNames, readExample } from "./examples/example.ts";

Deno.test("each example says how it is run, and from where it is imported elsewhere", async () => {
  const { name } = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
  for (const example of await exampleNames()) {
    await exampleLine(example);
    const text = await readExample(example);
    assert(text.includes(`"jsr:${name}`), `${example} does not name the package`);
    assert(text.split("\n").length <= 81, `${example} is long`);
  }
});
