/** What lies in the checkout, to see that running what the documents say leaves nothing there. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Git's own, and what .gitignore names. */
const PASSED_OVER: ReadonlySet<string> = new Set([".git", "coverage", "dist"]);

/** The paths of all files. */
export async function checkoutFiles(): Promise<ReadonlySet<string>> {
  return new Set(await Array.fromAsync(filesBelow(ROOT)));
}

/** @throws {AssertionError} when there are files that were not there before */
export async function assertNoneAdded(before: ReadonlySet<string>): Promise<void> {
  const added = (await checkoutFiles()).difference(before);
  assert.deepEqual([...added], [], "written into the checkout");
}

async function* filesBelow(dir: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    if (dir === ROOT && PASSED_OVER.has(name)) continue;
    if (isDirectory) yield* filesBelow(join(dir, name));
    else yield join(dir, name);
  }
}
