import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openLog } from "../cli/logging.ts";
import { runCommand } from "./command.ts";
import { CommandWorld } from "./command_world.ts";

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

Deno.test("a text line has time, level and message; what is not grave enough is left out", async () => {
  const lines: string[] = [];
  await using log = openLog(
    { level: "info", format: "text", syslog: false },
    (line) => lines.push(line),
  );
  for (const level of ["error", "warning", "info", "debug"] as const) {
    log.write(level, `{a} ${level}`);
  }
  assert.equal(lines.length, 3);
  const [time, ...rest] = lines[0]!.split(" ");
  assert.match(time!, TIME);
  assert.equal(rest.join(" "), "error   {a} error\n");
  assert.match(lines[1]!, / warning \{a\} warning\n$/);
});

Deno.test("a JSON line has the same as members", async () => {
  const lines: string[] = [];
  await using log = openLog(
    { level: "debug", format: "json", syslog: false },
    (line) => lines.push(line),
  );
  log.write("debug", 'two\nlines and "quotes"');
  const { time, ...rest } = JSON.parse(lines[0]!);
  assert.match(time, TIME);
  assert.deepEqual(rest, { level: "debug", message: 'two\nlines and "quotes"' });
  assert.equal(lines[0]!.indexOf("\n"), lines[0]!.length - 1);
});

/** A configuration that asks for syslog and is worth a warning, and a directory for programs. */
async function withSyslogConfig(
  work: (dir: string, config: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const config = join(dir, "old.conf");
    const BackupSet = {
      SnapshotsDir: join(dir, "points"),
      MasterBucket: "photos",
      SlaveBucket: "photos-replica",
      Colour: "blue",
    };
    await Deno.mkdir(BackupSet.SnapshotsDir);
    await Deno.writeTextFile(config, JSON.stringify({ Syslog: true, BackupSet }));
    await work(dir, config);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("syslog gets each line by the system's logger, as local0 and with our tag", async () => {
  await withSyslogConfig(async (dir, config) => {
    const record = join(dir, "record");
    const script = `#!/bin/sh\nwhile read -r line; do echo "$* | $line" >> ${record}; done\n`;
    await Deno.writeTextFile(join(dir, "logger"), script, { mode: 0o755 });
    const allow = [`--allow-read=${dir}`, "--allow-run=logger"];
    const env = { PATH: `${dir}:/usr/bin:/bin` };
    const { code, stderr } = await runCommand(["ls", "x", "-c", config], { allow, env });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /warning .*Colour is unknown and has no effect\nbackup-my-bucket: error: /,
    );
    const lines = (await Deno.readTextFile(record)).split("\n").sort();
    assert.equal(lines.length, 3);
    assert.match(lines[1]!, /^-t backup-my-bucket -p local0\.err \| .*no snapshot/i);
    assert.match(lines[2]!, /^-t backup-my-bucket -p local0\.warning \| .*Colour is unknown/);
  });
});

Deno.test("syslog learns that those who watch could not be told", async () => {
  await using world = await CommandWorld.create();
  const record = join(world.dir, "record"), programs = join(world.dir, "bin");
  const metrics = join(world.dir, "metrics", "x.prom");
  await Deno.mkdir(programs);
  const script = `#!/bin/sh\nwhile read -r line; do echo "$* | $line" >> ${record}; done\n`;
  await Deno.writeTextFile(join(programs, "logger"), script, { mode: 0o755 });
  const config = join(world.dir, "config.json");
  const sets = { photos: { source: world.url(), store: world.store } };
  await Deno.writeTextFile(config, JSON.stringify({ log: { syslog: true }, sets }));
  const run = () =>
    world.run(["snapshot", "-q", "-c", config, "--metrics", metrics], {
      allow: [`--allow-read=${world.dir}`, `--allow-write=${world.dir}`, "--allow-run=logger"],
      env: { PATH: `${programs}:/usr/bin:/bin` },
    });
  const logged = async () => (await Deno.readTextFile(record)).trimEnd().split("\n");

  assert.equal((await run()).code, 2, "before the work");
  assert.match((await logged()).join("\n"), /^.*local0\.err \| cannot write metrics to [^\n]*$/);

  await Deno.mkdir(join(world.dir, "metrics"));
  world.server.faults.add({
    kind: "slowdown",
    when: () => {
      if (existsSync(join(world.dir, "metrics"))) Deno.removeSync(join(world.dir, "metrics"));
      return false;
    },
  });
  assert.equal((await run()).code, 1, "after the work");
  assert.match((await logged())[1]!, /local0\.err \| .* The snapshot itself succeeded\. /);
});

Deno.test("a system without logger is told once, and the command goes on", async () => {
  await withSyslogConfig(async (dir, config) => {
    const run = async (...allow: string[]) =>
      await runCommand(["list", "-c", config], {
        allow: [`--allow-read=${dir}`, ...allow],
        env: { PATH: dir },
      });
    const missing = await run("--allow-run");
    assert.deepEqual([missing.code, missing.stderr.split("syslog gets nothing").length], [0, 2]);
    assert.match(
      missing.stderr,
      /warning syslog gets nothing: this system has no `logger` command\n/,
    );
    await Deno.writeTextFile(join(dir, "logger"), "#!/bin/sh\n", { mode: 0o755 });
    const refused = await run();
    assert.equal(refused.code, 0);
    assert.match(
      refused.stderr,
      /syslog gets nothing: Deno does not allow it: --allow-run=logger\n/,
    );
  });
});

Deno.test("a logger that fails is told", async () => {
  await withSyslogConfig(async (dir, config) => {
    await Deno.writeTextFile(join(dir, "logger"), "#!/bin/sh\nexit 7\n", { mode: 0o755 });
    const allow = [`--allow-read=${dir}`, "--allow-run=logger"];
    const { code, stderr } = await runCommand(["list", "-c", config], {
      allow,
      env: { PATH: dir },
    });
    assert.equal(code, 0);
    assert.match(stderr, /warning syslog gets nothing: \S/);
  });
});
