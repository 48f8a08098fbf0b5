/** The units that `init` prints, as systemd reads them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { systemdUnits } from "../../cli/init/schedule.ts";

Deno.test("systemd finds nothing wrong with the units of init", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const units = systemdUnits({
      program: [Deno.execPath(), "run", "/opt/it's/100% ours $HOME/cli.ts"],
      config: '/etc/"quoted" back\\slash.jsonc',
      set: "photos",
      user: "root",
      environment: {
        variables: { AWS_PROFILE: '100% "mine" $HOME back\\slash', DENO_DIR: "/var/cache/deno" },
        withheld: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
      },
    });
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
