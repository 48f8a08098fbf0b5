import assert from "node:assert/strict";
import { createProgram } from "../cli/program.ts";
import { manPage } from "../tools/man_page.ts";

Deno.test("the manual page says what the command says", async () => {
  const written = await Deno.readTextFile(
    new URL("../docs/backup-my-bucket.1", import.meta.url),
  );
  assert.equal(written, manPage(createProgram()), "run: deno task man-page");
});
