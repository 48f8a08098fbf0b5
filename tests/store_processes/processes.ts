import { fileURLToPath } from "node:url";

const PUTTER = fileURLToPath(new URL("./putter.ts", import.meta.url));

const RUN = ["run", "--quiet", "--no-check", "--allow-read", "--allow-write", PUTTER];

function spawn(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...RUN, ...args],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
}

/** Put in another process, and kill that process once all of the body is through but its end. */
export async function putAndKill(url: string, name: string, chunks: number): Promise<void> {
  const child = spawn(url, name, String(chunks), "hang");
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  await lines.read();
  child.kill("SIGKILL");
  await lines.cancel();
  await child.stdin.close();
  await child.status;
}

/** What came of each process when all create one name at the same moment. */
export async function raceToCreate(url: string, name: string, racers: number): Promise<string[]> {
  const children = Array.from({ length: racers }, () => spawn(url, name, "3", "create"));
  const readers = children.map((child) => {
    return child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  });
  await Promise.all(readers.map((reader) => reader.read()));
  await Promise.all(children.map(async ({ stdin }) => {
    const writer = stdin.getWriter();
    await writer.write(new TextEncoder().encode("\n"));
    await writer.close();
  }));
  const outcomes = await Promise.all(readers.map(async (reader) => {
    const { value = "" } = await reader.read();
    await reader.cancel();
    return value.trim();
  }));
  await Promise.all(children.map((child) => child.status));
  return outcomes;
}

/** What came of puts where there is room for a few chunks only. */
export interface FillOutcome {
  /** How room was limited: a file system that is full, or the size of each file. */
  readonly limit: "disk" | "file";
  /** Of the puts of "before", "big" and "after": "done" or an error's code. */
  readonly outcomes: readonly string[];
  /** What the store lists in the end. */
  readonly names: readonly string[];
}

/** A file system of eight megabytes, in a name space of its own: needs root, or user name spaces. */
const ON_SMALL_DISK = 'mount -t tmpfs -o size=8m none "$1" && shift && exec "$@"';
/** Files of eight megabytes (in blocks of 512 bytes); a write beyond fails instead of killing. */
const WITH_SMALL_FILES = 'trap "" XFSZ; ulimit -f 16384; shift; exec "$@"';

/**
 * Put more than fits into a store below `directory`, in another process. Where no small disk can be
 * had, files are limited, as they are when `only` asks for it.
 */
export async function putTooMuch(
  url: string,
  directory: string,
  only?: "file",
): Promise<FillOutcome> {
  const args = [directory, Deno.execPath(), ...RUN, url, "big", "20", "fill"];
  const attempts = [
    { limit: "disk", command: ["unshare", "--mount", "sh", "-c", ON_SMALL_DISK] },
    { limit: "disk", command: ["unshare", "-r", "--mount", "sh", "-c", ON_SMALL_DISK] },
    { limit: "file", command: ["sh", "-c", WITH_SMALL_FILES] },
  ] as const;
  for (const { limit, command: [program, ...rest] } of attempts) {
    if (only !== undefined && limit !== only) continue;
    const command = new Deno.Command(program, { args: [...rest, "sh", ...args] });
    const { success, stdout } = await command.output();
    if (success) return { limit, ...JSON.parse(new TextDecoder().decode(stdout)) };
  }
  throw new Error(`no process could be run with little room in ${directory}`);
}
