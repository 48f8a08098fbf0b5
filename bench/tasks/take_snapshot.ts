import { openStore } from "../../backends/open_store.ts";
import { snapshot } from "../../lib/snapshot.ts";
import { type BucketAddress, openBenchBucket } from "./server.ts";

/** A snapshot of a bucket, as the command takes it. @returns Its entries */
export async function takeSnapshot(
  { directory, ...address }: BucketAddress & { readonly directory: string },
): Promise<number> {
  await using bucket = openBenchBucket(address);
  await using store = await openStore(directory);
  const { objects } = await snapshot({ bucket, store });
  return objects;
}
