import type { Bucket } from "./bucket.ts";
import { changedError, currentObject, isAsSeen } from "./current_object.ts";
import type { DeleteFailure } from "./delete_batch.ts";
import { type DeleteResult, deleteVersions } from "./delete_versions.ts";
import { runBounded } from "./run_bounded.ts";
import { NO_ETAG } from "./target_guard.ts";

/** An object to put a delete marker on, as it was seen. */
export interface SeenObject {
  readonly key: string;
  /** Without quotes; `*` for any. */
  readonly seenETag: string;
}

/** Whether the server deletes by condition: true once it was seen to refuse one. */
type Trust = "unknown" | "honoured" | "unusable";

/** Codes of a deletion whose condition does not hold, or that met a write of the same key. */
const REFUSED = ["PreconditionFailed", "ConditionalRequestConflict"];

/**
 * Deletes the objects of a bucket as long as they are what was seen. As with `TargetGuard`, the
 * first deletion is sent with a condition that cannot hold: a server that refuses it is asked by
 * condition from then on, a thousand keys a request; on any other each key is looked at (HEAD)
 * just before.
 */
export class DeleteGuard {
  readonly #bucket: Bucket;
  #trust: Trust = "unknown";
  #probe: Promise<DeleteResult> | undefined;

  /** For objects of `bucket`. */
  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /**
   * Delete, unless a key holds something else than was seen: that is a failure with the code
   * `TargetChanged`. One that is gone counts as deleted.
   *
   * @throws {S3Error} as `deleteVersions`
   */
  async delete(objects: readonly SeenObject[]): Promise<DeleteResult> {
    if (this.#probe) await this.#probe;
    else if (objects.length > 0) return await this.#deleteFirst(objects);
    return this.#trust === "honoured"
      ? await this.#deleteByCondition(objects)
      : await this.#deleteLookedAt(objects);
  }

  async #deleteFirst([first, ...others]: readonly SeenObject[]): Promise<DeleteResult> {
    const probe = this.#probe = this.#tryOut(first!);
    return sumOf(await probe, await this.delete(others));
  }

  /** Delete one object, and learn from it whether the server knows of conditions. */
  async #tryOut(object: SeenObject): Promise<DeleteResult> {
    const { unchanged, ...looked } = await this.#look([object]);
    if (unchanged.length === 0) {
      this.#probe = undefined;
      return looked;
    }
    const tried = await deleteVersions(this.#bucket, [{ key: object.key, etag: NO_ETAG }]);
    this.#trust = tried.failed[0]?.code === "PreconditionFailed" ? "honoured" : "unusable";
    if (tried.failed.length === 0) return tried;
    return this.#trust === "honoured"
      ? await this.#deleteByCondition([object])
      : await deleteVersions(this.#bucket, [{ key: object.key }]);
  }

  async #deleteByCondition(objects: readonly SeenObject[]): Promise<DeleteResult> {
    const versions = objects.map(({ key, seenETag }) => ({
      key,
      etag: seenETag === "*" ? "*" : `"${seenETag}"`,
    }));
    const { deleted, failed } = await deleteVersions(this.#bucket, versions);
    const refused = new Set(
      failed.filter(({ code }) => REFUSED.includes(code)).map(({ key }) => key),
    );
    const others = failed.filter(({ key }) => !refused.has(key));
    // What was refused though it did not change was refused for another reason.
    const left = objects.filter(({ key }) => refused.has(key));
    return sumOf({ deleted, failed: others }, await this.#deleteLookedAt(left));
  }

  async #deleteLookedAt(objects: readonly SeenObject[]): Promise<DeleteResult> {
    const { unchanged, ...looked } = await this.#look(objects);
    const versions = unchanged.map(({ key }) => ({ key }));
    return sumOf(looked, await deleteVersions(this.#bucket, versions));
  }

  async #look(
    objects: readonly SeenObject[],
  ): Promise<DeleteResult & { readonly unchanged: readonly SeenObject[] }> {
    const bucket = this.#bucket;
    const unchanged: SeenObject[] = [], failed: DeleteFailure[] = [];
    await runBounded(objects, bucket.concurrency, async (object, stop) => {
      const { key, seenETag } = object;
      const current = await currentObject(bucket, key, stop);
      if (!current) return;
      if (isAsSeen(current, seenETag)) return void unchanged.push(object);
      const { code, message } = changedError(bucket, key, seenETag, current);
      failed.push({ key, code, message });
    });
    return { deleted: objects.length - unchanged.length - failed.length, failed, unchanged };
  }
}

function sumOf(a: DeleteResult, b: DeleteResult): DeleteResult {
  return { deleted: a.deleted + b.deleted, failed: [...a.failed, ...b.failed] };
}
