import type { Entry } from "../model/entry.ts";
import type { Bucket } from "../s3/bucket.ts";
import type { RestoreFailure } from "./restore_failure.ts";

/** That a bucket's listing does not have a version that the snapshot names. */
export function lostVersion({ key, versionId }: Entry, source: Bucket): RestoreFailure {
  return {
    key,
    versionId,
    code: "NoSuchVersion",
    message: `version ${versionId} of ${JSON.stringify(key)} is no longer in bucket ` +
      `${source.name}: it was deleted, by hand or by a lifecycle rule`,
  };
}

/** That the snapshot does not have a key which was asked for by name. */
export function absentKey({ key }: Entry): RestoreFailure {
  return {
    key,
    versionId: "",
    code: "NotInSnapshot",
    message: "it was asked for by name, and the snapshot does not have it",
  };
}
