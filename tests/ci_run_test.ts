import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const RUN = fileURLToPath(new URL("../.ci/run", import.meta.url));

/** Programs that `.ci/run` calls, as it finds them on a machine that has everything. */
const MACHINE: Readonly<Record<string, string>> = {
  "deno --version": "echo 'deno 2.9.6 (stable, release)'",
  "deno cache": "true",
  "deno task ok": "echo gate",
  "deno task test": "echo 'ok | 4 passed (2 steps) | 0 failed (1s)'",
  "deno task test:rgw": "echo 'ok | 3 passed | 0 failed (2s)'",
  "deno task test:shells": "echo 'ok | 2 passed | 0 failed (1s)'",
  "dpkg --status": "true",
  "apt-get": "echo called apt-get",
  "npm": "echo called npm",
};

/** Shell scripts that stand in for the programs, each by the first words of its call. */
async function writePrograms(dir: string, calls: Readonly<Record<string, string>>) {
  for (const program of new Set(Object.keys(calls).map((call) => call.split(" ")[0]!))) {
    const cases = Object.entries(calls)
      .filter(([call]) => call.split(" ")[0] === program)
      .toSorted(([a], [b]) => b.length - a.length)
      .map(([call, script]) => `  "${call}"*) ${script} ;;`);
    const text = ["#!/bin/bash", `case "${program} $*" in`, ...cases, "esac"].join("\n");
    await Deno.writeTextFile(join(dir, program), text, { mode: 0o755 });
  }
}

/** Runs `.ci/run` on a machine that is as `MACHINE` but for the changes. */
async function runOn(changes: Readonly<Record<string, string>>) {
  const dir = await Deno.makeTempDir();
  try {
    await writePrograms(dir, { ...MACHINE, ...changes });
    const { code, stdout } = await new Deno.Command(RUN, {
      env: { PATH: `${dir}:/usr/bin:/bin` },
      stdin: "null",
    }).output();
    const output = new TextDecoder().decode(stdout);
    return { code, output, verdict: output.trimEnd().split("\n").at(-1) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a run in which all passes adds up all test runs", async () => {
  const { code, verdict, output } = await runOn({});
  assert.deepEqual([code, verdict], [0, "9 passed, 0 failed"]);
  assert.doesNotMatch(output, /called/);
});

Deno.test("a failed test fails the run", async () => {
  const test = "echo 'FAILED | 4 passed | 1 failed (1s)'; exit 1";
  const { code, verdict } = await runOn({ "deno task test": test });
  assert.deepEqual([code, verdict], [1, "9 passed, 1 failed"]);
});

Deno.test("a test that was not run fails the run, though its suite succeeds", async () => {
  for (const rest of ["1 ignored", "1 filtered out"]) {
    const test = `echo 'ok | 4 passed | 0 failed | ${rest} (1s)'`;
    const { code, verdict } = await runOn({ "deno task test": test });
    assert.deepEqual([code, verdict], [1, "9 passed, 1 failed"], rest);
  }
});

Deno.test("a failed gate fails the run, and the tests are run all the same", async () => {
  const { code, verdict } = await runOn({ "deno task ok": "exit 1" });
  assert.deepEqual([code, verdict], [1, "9 passed, 1 failed"]);
});

Deno.test("a suite that does not start fails the run", async () => {
  const { code, verdict } = await runOn({ "deno task test:rgw": "exit 1" });
  assert.deepEqual([code, verdict], [1, "6 passed, 1 failed"]);
});

Deno.test("a suite that runs no test fails the run", async () => {
  const nothing = "echo 'ok | 0 passed | 0 failed (1ms)'";
  const { code, verdict } = await runOn({ "deno task test:rgw": nothing });
  assert.deepEqual([code, verdict], [1, "6 passed, 1 failed"]);
});

Deno.test("packages that deno.lock does not name fail the run", async () => {
  const { code, verdict } = await runOn({ "deno cache": 'case "$*" in *--frozen*) exit 1; esac' });
  assert.deepEqual([code, verdict], [1, "9 passed, 1 failed"]);
});

Deno.test("what is missing is installed", async () => {
  const { output } = await runOn({
    "deno --version": "echo 'deno 2.9.60 (stable, release)'",
    "dpkg --status": "exit 1",
  });
  assert.match(output, /called npm/);
  assert.match(output, /called apt-get\n(.*\n)*?called apt-get/);
});

Deno.test("without Deno nothing else is tried", async () => {
  const { code, verdict } = await runOn({ "deno --version": "exit 1", "npm": "exit 1" });
  assert.deepEqual([code, verdict], [1, "0 passed, 1 failed"]);
});
