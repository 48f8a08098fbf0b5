/**
 * Copies the points of a store to a second one, so that the loss of a disk is not the loss of all
 * points. Run it after each snapshot: it copies what is new.
 *
 *     deno run --allow-read=$STORE,$SECOND --allow-write=$SECOND examples/copy_points.ts $STORE $SECOND
 *
 * The two arguments are URLs of stores. This line is for two directories that exist; for a store
 * that is `s3://...` or `sqlite://...`, README.md tells under "Permissions" what it needs.
 *
 * A copy protects no version: run gc with the first store alone. Points that it dropped are told as
 * gone. Their copies stay; delete their folders in the second store, in each manifest.json first.
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage, 3 some points cannot be read, 130 interrupted.
 */
// Outside of this repository, import from "jsr:@backup-my-bucket/backup-my-bucket".
import { type CopiedSnapshot, copySnapshots, InputError, openStore } from "../mod.ts";

const [fromUrl, toUrl, ...others] = Deno.args;
if (!fromUrl || !toUrl || others.length > 0) {
  console.error("usage: copy_points.ts FROM TO");
  Deno.exit(2);
}
const interruption = new AbortController();
Deno.addSignalListener("SIGINT", () => interruption.abort(new Error("interrupted")));

/** What is told of a point; nothing of one that is as it was. */
function tell({ id, outcome, bytes, problem }: CopiedSnapshot): void {
  if (outcome === "copied") console.log(`${id}: copied, ${bytes} bytes`);
  if (outcome === "expired") console.log(`${id}: left, gc is removing it`);
  if (outcome === "gone") console.log(`${id}: gone from ${fromUrl}, still in ${toUrl}`);
  if (outcome === "failed") console.error(`${id}: NOT COPIED: ${problem}`);
}

async function copyAll(signal: AbortSignal): Promise<void> {
  await using from = await openStore(fromUrl!, { signal, create: false });
  await using to = await openStore(toUrl!, { signal });
  const counts = { copied: 0, present: 0, expired: 0, failed: 0, gone: 0 };
  // Nothing else is at work in the second store, and a lock would take a bucket, whose clock dates it.
  for await (const copied of copySnapshots({ from, to, lock: false, signal })) {
    tell(copied);
    counts[copied.outcome]++;
  }
  console.log(`${counts.copied} copied, ${counts.present} there already, ${counts.failed} failed`);
  // Most likely not the store that was meant, and silence would look like success.
  if (counts.copied + counts.present + counts.failed === 0) {
    throw new InputError(`${from.url} holds no point to copy`);
  }
  if (counts.failed > 0) Deno.exitCode = 3;
}

try {
  await copyAll(interruption.signal);
} catch (error) {
  Deno.exitCode = interruption.signal.aborted ? 130 : error instanceof InputError ? 2 : 1;
  console.error(error instanceof Error ? error.message : String(error));
  if (Deno.exitCode !== 2) console.error("What is copied is whole. Run again for the rest.");
}
