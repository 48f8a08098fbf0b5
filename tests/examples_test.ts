/** The scripts of examples/, each run as its comment says. */
import assert from "node:assert/strict";
import { exampleLine, exampleNames, readExample } from "./examples/example.ts";

Deno.test("each example says how it is run, and from where it is imported elsewhere; README.md names it", async () => {
  const { name } = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
  const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
  for (const example of await exampleNames()) {
    assert(readme.includes(`(examples/${example}.ts)`), `README.md does not name ${example}`);
    await exampleLine(example);
    const text = await readExample(example);
    assert(text.includes(`"jsr:${name}`), `${example} does not name the package`);
    assert(text.split("\n").length <= 80, `${example} is long`);
  }
});
