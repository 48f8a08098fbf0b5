/**
 * Runs every `*_s3_test.ts` under tests/ against a Ceph object gateway that it starts and stops.
 * Arguments go to `deno test`.
 *
 *     deno task test:rgw --filter "a delete marker"
 */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const TESTS = fileURLToPath(new URL("../", import.meta.url));
const SCRIPT = join(TESTS, "rgw", "ceph_rgw.sh");

/** Each program that ceph_rgw.sh runs, and the Debian package that has it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "ceph-mon": "ceph-mon",
  "ceph-osd": "ceph-osd",
  "ceph-mgr": "ceph-mgr",
  "radosgw": "radosgw",
  "radosgw-admin": "ceph-common",
  "ceph": "ceph-common",
  "monmaptool": "ceph-base",
};

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isFile, () => false);
}

async function missingPrograms(): Promise<string[]> {
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  const missing = [];
  for (const program of Object.keys(PROGRAMS)) {
    const found = await Promise.all(folders.map((folder) => isFile(join(folder, program))));
    if (!found.includes(true)) missing.push(program);
  }
  return missing;
}

async function suites(dir: string): Promise<string[]> {
  const found: string[] = [];
  for await (const item of Deno.readDir(dir)) {
    const path = join(dir, item.name);
    if (item.isDirectory) found.push(...await suites(path));
    else if (item.name.endsWith("_s3_test.ts")) found.push(path);
  }
  return found.sort();
}

/** Below the ports that Linux gives to clients, which come and go by the thousand in a test run. */
const LOWEST_PORT = 10_000;
const HIGHEST_PORT = 32_000;

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  while (true) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const listener = createServer();
  return new Promise((resolve) => {
    listener.once("error", () => resolve(false));
    listener.listen(port, "127.0.0.1", () => listener.close(() => resolve(true)));
  });
}

interface RunOptions {
  readonly env?: Record<string, string>;
  /** Ends the program early. */
  readonly signal?: AbortSignal;
}

/** Runs a program on our terminal; resolves to its exit code. */
async function run(program: string, args: string[], options: RunOptions = {}): Promise<number> {
  const { code } = await new Deno.Command(program, {
    args,
    ...options,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  return code;
}

/** Another program may take a port between our look and the daemon's. */
const START_ATTEMPTS = 3;

/** Starts a gateway in `dir`; resolves to its URL. */
async function startGateway(dir: string, signal: AbortSignal): Promise<string> {
  for (let attempt = 1; attempt <= START_ATTEMPTS; attempt++) {
    const [port, monitorPort] = [await freePort(), await freePort()];
    const code = await run(SCRIPT, ["start", dir, String(port), String(monitorPort)]);
    // Only now: a start that is cut short would leave programs of its own behind.
    signal.throwIfAborted();
    if (code === 0) return `http://127.0.0.1:${port}`;
    console.error(`the Ceph object gateway did not start (attempt ${attempt})`);
    await run(SCRIPT, ["stop", dir]);
  }
  throw new Error(`the Ceph object gateway did not start in ${START_ATTEMPTS} attempts`);
}

async function test(endpoint: string, args: string[], signal: AbortSignal): Promise<number> {
  // As `deno task test`, but for the server.
  const permissions = ["read", "write", "net=127.0.0.1,localhost", "env", "run", "sys"];
  return await run(
    Deno.execPath(),
    ["test", "--quiet", "--parallel", ...permissions.map((name) => `--allow-${name}`), ...args],
    { env: { BMB_TEST_S3_ENDPOINT: endpoint }, signal },
  );
}

async function main(args: string[]): Promise<number> {
  const missing = await missingPrograms();
  if (missing.length > 0) {
    const packages = [...new Set(Object.values(PROGRAMS))].sort().join(" ");
    console.error(`test:rgw needs Ceph, and finds no ${missing.join(", ")}. On Debian, as root:`);
    console.error(`  apt-get install --no-install-recommends ${packages}`);
    return 1;
  }
  const files = await suites(TESTS);
  if (files.length === 0) throw new Error("there is no *_s3_test.ts under tests/");
  const dir = await Deno.makeTempDir({ prefix: "bmb-rgw-" });
  // Whoever interrupts us ends the tests; we stay, to stop the daemons.
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(new Error("interrupted"));
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, stop);
  try {
    const endpoint = await startGateway(dir, interrupt.signal);
    return await test(endpoint, [...args, ...files], interrupt.signal);
  } finally {
    await run(SCRIPT, ["stop", dir]);
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
