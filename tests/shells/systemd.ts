/** The units that `init` prints, as systemd reads them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { systemdUnits } from "../../cli/init/schedule.ts";

Deno.test("systemd finds nothing wrong with the units of init", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const units = systemdUnits(
      [Deno.execPath(), "run", "/opt/it's/100% ours $HOME/cli.ts"],
      '/etc/"quoted" back\\slash.jsonc',
      "photos",
      "root",
    );
    const paths = Object.keys(units).map((name) => join(directory, name));
    for (const [name, unit] of Object.entries(units)) {
      await Deno.writeTextFile(join(directory, name), unit);
    }
    const { code, stderr } = await new Deno.Command("systemd-analyze", {
      args: ["verify", ...paths],
      env: { LC_ALL: "C" },
    }).output();
    assert.deepEqual({ code, said: new TextDecoder().decode(stderr) }, { code: 0, said: "" });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
