import { BackupError } from "../../lib/model/errors.ts";
import type { SnapshotStore } from "../../lib/model/store.ts";
import type { Bucket } from "../../lib/s3/bucket.ts";
import { listVersions } from "../../lib/s3/list_versions.ts";
import { requireVersioning } from "../../lib/s3/versioning.ts";

/** Something that must work. */
export interface Check {
  /** For humans: what was tried. */
  readonly what: string;
  /** Why it does not work; undefined when it does. */
  readonly problem: string | undefined;
}

/** What is opened to be tried. */
export interface AccessOptions {
  readonly source: Bucket;
  readonly replica: Bucket | undefined;
  /** Undefined when nothing may be written to it. */
  readonly openStore: (() => Promise<SnapshotStore>) | undefined;
  /** Names what is written to the store for a moment. */
  readonly probeName: string;
  readonly signal: AbortSignal;
}

/**
 * Try what commands will do, as far as that changes nothing that stays: ask the buckets, and write,
 * read and delete a file of the store.
 */
export async function* checkAccess(options: AccessOptions): AsyncGenerator<Check> {
  const { source, replica, openStore, probeName, signal } = options;
  for (const bucket of replica ? [source, replica] : [source]) {
    yield await check(`${bucket.url} keeps versions`, () => requireVersioning(bucket, { signal }));
    yield await check(`${bucket.url} lists its versions`, () => listSome(bucket, signal));
  }
  if (!openStore) return;
  yield await check("the store takes, gives back and deletes a file", async () => {
    await tryStore(await openStore(), probeName, signal);
  });
}

async function check(what: string, attempt: () => Promise<void>): Promise<Check> {
  try {
    await attempt();
    return { what, problem: undefined };
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    return { what, problem: error.message };
  }
}

async function listSome(bucket: Bucket, signal: AbortSignal): Promise<void> {
  for await (const _ of listVersions(bucket, { signal })) return;
}

async function tryStore(store: SnapshotStore, name: string, signal: AbortSignal): Promise<void> {
  const written = new TextEncoder().encode("May be deleted.\n");
  await store.put(name, new Blob([written]).stream(), { signal });
  try {
    await new Response(await store.get(name, { signal })).bytes();
  } finally {
    await store.delete(name);
  }
}
