import { BackupError, StoreError } from "../../lib/model/errors.ts";
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
  yield await check("the store takes a file once, gives it back and deletes it", async () => {
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

/** As the lock does it: what was made once cannot be made again. */
async function tryStore(store: SnapshotStore, name: string, signal: AbortSignal): Promise<void> {
  const create = () => {
    const body = new Blob(["May be deleted.\n"]).stream();
    return store.put(name, body, { createOnly: true, signal });
  };
  await create();
  try {
    await new Response(await store.get(name, { signal })).bytes();
    await assertTaken(store, create);
  } finally {
    await store.delete(name);
  }
}

async function assertTaken(store: SnapshotStore, create: () => Promise<void>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (error instanceof StoreError && error.code === "AlreadyExists") return;
    throw error;
  }
  throw new StoreError(
    "Unsupported",
    `${store.url} overwrites what it was told to create, so that two writers could take its lock: ` +
      `keep the store elsewhere`,
  );
}
