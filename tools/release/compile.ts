/**
 * Makes the command one file for each platform, and a list of their checksums:
 *
 *     deno task compile [--target TRIPLE]... [--output DIRECTORY]
 *
 * A platform's base is downloaded by `deno compile`, unless `DENORT_BIN` names one.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { GRANTED_PERMISSIONS } from "../../cli/granted_permissions.ts";

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));

/** The platforms that `deno compile` knows. */
const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
] as const;

async function compile(target: string, output: string): Promise<string> {
  const suffix = target.includes("windows") ? ".exe" : "";
  const name = `backup-my-bucket-${target}${suffix}`;
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      ...GRANTED_PERMISSIONS,
      "--target",
      target,
      "--output",
      join(output, name),
      CLI,
    ],
    stdin: "null",
  }).spawn().status;
  if (!success) throw new Error(`deno compile failed for ${target}`);
  return name;
}

/** As `sha256sum --check` reads it. */
async function checksumLine(output: string, name: string): Promise<string> {
  const bytes = await Deno.readFile(join(output, name));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `${digest.toHex()}  ${name}\n`;
}

const { values } = parseArgs({
  options: {
    target: { type: "string", multiple: true, default: [...TARGETS] },
    output: { type: "string", default: "dist" },
  },
});
await Deno.mkdir(values.output, { recursive: true });
let checksums = "";
for (const target of values.target) {
  checksums += await checksumLine(values.output, await compile(target, values.output));
}
await Deno.writeTextFile(join(values.output, "SHA256SUMS"), checksums);
