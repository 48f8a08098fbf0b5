/** Writes docs/backup-my-bucket.1, the manual page, from what the command says of itself. */
import { createProgram } from "../cli/program.ts";
import { manPage } from "./man_page.ts";

const FILE = new URL("../docs/backup-my-bucket.1", import.meta.url);

await Deno.writeTextFile(FILE, manPage(createProgram()));
