import type { Entry } from "../model/entry.ts";
import { entryAt } from "../model/entry_batch.ts";
import { S3Error } from "../model/errors.ts";
import type { Bucket } from "../s3/bucket.ts";
import { type CurrentObject, currentObject } from "../s3/current_object.ts";
import { listNamed } from "../s3/list_named.ts";
import { selectCurrent } from "../select_current.ts";
import type { SeenEntry } from "./seen_entry.ts";
import { failureOf, type RestoreFailure } from "./restore_failure.ts";

/** How far, in milliseconds, the clocks that date both buckets' objects may be apart unnoticed. */
const MAX_SKEW = 5_000;

/** Keys of the target that the plan wants deleted, by what the source holds under them now. */
export interface SortedSurplus {
  /** Still nothing. */
  readonly lacking: readonly SeenEntry[];
  /** What the target holds, too. */
  readonly right: readonly SeenEntry[];
  /** Something else. */
  readonly changed: readonly RestoreFailure[];
}

/**
 * Looks at a source that is written to while it is copied from. A target that others bring up to
 * date meanwhile (S3's replication, another run) may hold what is newer than the plan: that must
 * not be deleted nor set back. What the source holds by now decides, for no two clocks need agree
 * on that.
 */
export class SourceLook {
  readonly #source: Bucket;
  readonly #target: Bucket;

  /** What is wanted comes from `source`, under the same keys. */
  constructor(source: Bucket, target: Bucket) {
    this.#source = source;
    this.#target = target;
  }

  /**
   * Whether the target holds what the source holds by now, newer than the copy that was planned.
   * Only what is dated no earlier than the version to copy is worth the look: all else is older.
   *
   * @throws {S3Error} `SourceChanged` when the source holds something else than both
   */
  async isRightSince(entry: SeenEntry): Promise<boolean> {
    const { key, seenETag, seenTime } = entry;
    if (seenTime < entry.lastModified - MAX_SKEW) return false;
    const current = await currentObject(this.#source, key);
    if (isVersion(current, entry)) return false;
    if (current && current.etag === seenETag) return true;
    throw this.#changed(key, "was changed in", "was left as it is");
  }

  /** See which keys the source lacks now, so that they may be deleted. Ascending, each once. */
  async sort(surplus: readonly SeenEntry[]): Promise<SortedSurplus> {
    const current = await this.#currentOf(surplus);
    const lacking: SeenEntry[] = [], right: SeenEntry[] = [], changed: RestoreFailure[] = [];
    for (const entry of surplus) {
      const now = current.get(entry.key);
      if (!now) lacking.push(entry);
      else if (now.size === entry.size && now.etag === entry.seenETag) right.push(entry);
      else changed.push(this.#failure(entry, "was left as it is"));
    }
    return { lacking, right, changed };
  }

  /** Of keys that were deleted in the target, those that the source holds now. */
  async returned(deleted: readonly SeenEntry[]): Promise<RestoreFailure[]> {
    const current = await this.#currentOf(deleted);
    const returned = deleted.filter(({ key }) => current.has(key));
    return returned.map((entry) => this.#failure(entry, "was deleted"));
  }

  async #currentOf(keys: readonly SeenEntry[]): Promise<Map<string, Entry>> {
    const found = new Map<string, Entry>();
    const names = keys.map(({ key }) => key);
    for await (const batch of selectCurrent(listNamed(this.#source, names), Infinity)) {
      for (let row = 0; row < batch.length; row++) {
        const entry = entryAt(batch, row);
        found.set(entry.key, entry);
      }
    }
    return found;
  }

  #failure(entry: SeenEntry, what: string): RestoreFailure {
    return failureOf(entry, this.#changed(entry.key, "came back in", what));
  }

  #changed(key: string, how: string, what: string): S3Error {
    return new S3Error(
      "SourceChanged",
      `${JSON.stringify(key)} ${how} bucket ${this.#source.name} while bucket ` +
        `${this.#target.name} was made equal to it, where it ${what}: sync again`,
    );
  }
}

function isVersion(current: CurrentObject | undefined, { versionId, etag }: Entry): boolean {
  return current?.etag === etag && (current.versionId ?? versionId) === versionId;
}
