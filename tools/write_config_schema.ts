/** Writes docs/config.schema.json, the JSON Schema that editors check a configuration with. */
import { configJsonSchema } from "../lib/config/schema.ts";

const FILE = new URL("../docs/config.schema.json", import.meta.url);

await Deno.writeTextFile(FILE, JSON.stringify(configJsonSchema(), null, 2) + "\n");
