/** The manual page, as `man` shows it. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("../../docs/backup-my-bucket.1", import.meta.url));

Deno.test("man shows the page without a warning", async () => {
  const { code, stdout, stderr } = await new Deno.Command("man", {
    args: ["--warnings=all", "--local-file", PAGE],
    env: { LC_ALL: "C.UTF-8", MANWIDTH: "80" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assert.equal(decoder.decode(stderr), "");
  assert.equal(code, 0);
  const page = decoder.decode(stdout);
  for (const text of ["restore [SNAPSHOT]", "--dry-run", "EXIT STATUS", "-c, --config <file>"]) {
    assert(page.includes(text), text);
  }
});
