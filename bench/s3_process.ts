import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../tests/emulator/main.ts", import.meta.url));

/** The embedded S3 in a process of its own. */
export interface S3Process extends AsyncDisposable {
  readonly endpoint: string;
}

/** Start it; `args` are those of `tests/emulator/main.ts`. Disposing of it ends the process. */
export async function startS3(...args: string[]): Promise<S3Process> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", MAIN, ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await lines.read();
  if (value === undefined) throw new Error("the embedded S3 did not start");
  return {
    endpoint: value.trim(),
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      await process.status;
      await lines.cancel();
    },
  };
}
