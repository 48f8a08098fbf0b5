import assert from "node:assert/strict";
import { configJsonSchema } from "../lib/config/schema.ts";

Deno.test("the published JSON Schema is that of the validator", async () => {
  const file = new URL("../docs/config.schema.json", import.meta.url);
  assert.deepEqual(
    JSON.parse(await Deno.readTextFile(file)),
    configJsonSchema(),
    "run: deno task config-schema",
  );
});
