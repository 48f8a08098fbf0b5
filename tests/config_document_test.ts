import assert from "node:assert/strict";
import { resolveSettings } from "../lib/config.ts";
import { configSchema, logSchema, setSchema } from "../lib/config/schema.ts";
import { retentionSchema } from "../lib/config/retention_schema.ts";

const DOCUMENT = new URL("../docs/CONFIGURATION.md", import.meta.url);

/** The examples of docs/CONFIGURATION.md in this language. */
async function examples(language: string): Promise<string[]> {
  const text = await Deno.readTextFile(DOCUMENT);
  return [...text.matchAll(new RegExp("^```" + language + "\\n([^]*?)^```", "gm"))]
    .map(([, example]) => example!);
}

Deno.test("the documented file is accepted, and shows every setting that there is", async () => {
  const [text] = await examples("jsonc");
  const settings = resolveSettings({ file: { path: "/etc/config.jsonc", text: text! } });
  assert.equal(settings.set, "photos");
  assert.deepEqual(
    Object.keys(settings.retention).sort(),
    Object.keys(retentionSchema.shape).sort(),
  );
  for (const key of Object.keys(configSchema.shape)) assert(text!.includes(`"${key}"`), key);
});

Deno.test("the table tells of every key", async () => {
  const text = await Deno.readTextFile(DOCUMENT);
  const rows = text.split("\n").filter((line) => line.startsWith("| `")).join("\n");
  const keys = [configSchema, setSchema, logSchema, retentionSchema].flatMap(({ shape }) =>
    Object.keys(shape)
  );
  const missing = keys.filter((key) => !rows.includes(`\`${key}\``) && !rows.includes(`.${key}\``));
  assert.deepEqual(missing.filter((key) => key !== "log" && key !== "retention"), []);
});

Deno.test("the documented file of 2015 is accepted", async () => {
  const [text] = await examples("json");
  const { credentials, warnings } = resolveSettings({ file: { path: "/etc/x.conf", text: text! } });
  assert(credentials);
  assert.deepEqual(warnings, []);
});

Deno.test("the documented variables are those that are read", async () => {
  const text = await Deno.readTextFile(DOCUMENT);
  const documented = [...text.matchAll(/^\| `(BACKUP_MY_BUCKET_\w+)`/gm)].map(([, name]) => name!);
  const read = new Set(["BACKUP_MY_BUCKET_CONFIG"]);
  resolveSettings({ readVariable: (name) => void read.add(name) });
  assert.deepEqual(documented.sort(), [...read].sort());
});
