/**
 * Writes cli/help_texts.json, from which `--help` is answered without commander. With `--check` it
 * only says whether that is what the commands say.
 */
import { helpTexts } from "./help_texts.ts";

const FILE = new URL("../cli/help_texts.json", import.meta.url);

const text = JSON.stringify(helpTexts(), null, 2) + "\n";
if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(FILE, text);
} else if (await Deno.readTextFile(FILE) !== text) {
  console.error("cli/help_texts.json is not what the commands say: run deno task help-texts");
  Deno.exit(1);
}
