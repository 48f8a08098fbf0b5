/**
 * Writes lib/s3/entry_run.wasm from wasm/entry_run.ts, which is AssemblyScript. With `--check` it
 * only says whether that is what the source compiles to.
 */
import asc from "npm:assemblyscript@0.28.20/asc";

const ROOT = new URL("../", import.meta.url);
const SOURCE = "wasm/entry_run.ts";
const TARGET = "lib/s3/entry_run.wasm";
// No assertion, no garbage collector: it has no objects of its own.
const OPTIONS = "-O3 --noAssert --runtime stub --enable simd --initialMemory 1".split(" ");

/** @throws {Error} with what the compiler says */
async function compile(): Promise<Uint8Array> {
  let compiled: string | Uint8Array | undefined;
  const { error, stderr } = await asc.main([SOURCE, "--outFile", TARGET, ...OPTIONS], {
    readFile: (name) => name === SOURCE ? Deno.readTextFile(new URL(SOURCE, ROOT)) : null,
    writeFile: (_name, contents) => void (compiled = contents),
    listFiles: () => [],
  });
  if (compiled instanceof Uint8Array) return compiled;
  throw new Error(`cannot compile ${SOURCE}:\n${stderr}`, { cause: error });
}

const compiled = await compile();
const file = new URL(TARGET, ROOT);
if (!Deno.args.includes("--check")) {
  await Deno.writeFile(file, compiled);
} else if (compiled.toBase64() !== (await Deno.readFile(file)).toBase64()) {
  console.error(`${TARGET} is not what ${SOURCE} compiles to: run deno task wasm`);
  Deno.exit(1);
}
