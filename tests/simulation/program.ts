/**
 * A program of its own for tests that kill it: `snapshot` or `gc` of a bucket, with a store in the
 * file system. Says `ready` once everything is loaded and it begins. Everything comes as one
 * argument of JSON.
 */
import { openStore } from "../../backends/open_store.ts";
import { gc } from "../../lib/gc.ts";
import { openBucket } from "../../lib/s3/bucket.ts";
import { serverNow } from "../../lib/s3/server_time.ts";
import { snapshot } from "../../lib/snapshot.ts";

/** What the program does, and where. */
export interface ProgramTask {
  readonly operation: "snapshot" | "gc";
  readonly bucket: string;
  readonly store: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

async function main(task: ProgramTask): Promise<void> {
  const { accessKeyId, secretAccessKey } = task;
  await using bucket = openBucket(task.bucket, { credentials: { accessKeyId, secretAccessKey } });
  await using store = await openStore(task.store);
  // The SDK takes its time to load.
  await serverNow(bucket);
  console.log("ready");
  if (task.operation === "gc") await gc({ bucket, store, policy: { keepLast: 1 } });
  else await snapshot({ bucket, store, delay: () => Promise.resolve() });
}

if (import.meta.main) await main(JSON.parse(Deno.args[0]!));
