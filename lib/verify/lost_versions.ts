import { compareKeys } from "../model/key_order.ts";
import type { Bucket } from "../s3/bucket.ts";
import { suspectsOf } from "./lifecycle_suspects.ts";
import type { AbsentVersion } from "./look_for_versions.ts";
import type { PointDraft } from "./point_draft.ts";
import type { Lifecycle } from "./read_lifecycles.ts";
import type { LostVersion } from "./report.ts";

/** Lost versions that are named; the rest is counted. */
const MAX_NAMED = 1_000;

/** A version that is lost, as it was found. */
interface Loss {
  readonly version: Omit<AbsentVersion, "isChanged">;
  /** Where it should be. */
  readonly bucket: Bucket;
  readonly code: string;
  readonly message: string;
  /** The points that need it. */
  readonly drafts: readonly PointDraft[];
}

/** Versions that cannot be restored, as they are found. */
export class LostVersions {
  readonly #named: Loss[] = [];
  /** How many are lost. */
  count = 0;

  /** One more. `drafts` are the points that name it. */
  add(loss: Loss): void {
    this.count++;
    if (this.#named.length < MAX_NAMED) this.#named.push(loss);
  }

  /** The buckets that lack a version which was there once, whatever took it. */
  get bucketsOfMissing(): Set<Bucket> {
    return new Set(this.#named.filter(({ code }) => code === MISSING).map(({ bucket }) => bucket));
  }

  /** Leave out what is wanted by no point that is still there. */
  forgetExpired(): void {
    const wanted = this.#named.filter(({ drafts }) => drafts.some(({ expired }) => !expired));
    this.count -= this.#named.length - wanted.length;
    this.#named.splice(0, Infinity, ...wanted);
  }

  /** The report's part about them: by key, with the rules that may have taken what is missing. */
  finish(lifecycles: readonly Lifecycle[]): LostVersion[] {
    // Some are found by the listing, others when they are read.
    const inOrder = this.#named.toSorted((a, b) => compareKeys(a.version.key, b.version.key));
    return inOrder.map(({ version, bucket, code, message, drafts }) => {
      const { key, versionId, size, lastModified } = version;
      const wanting = drafts.filter(({ expired }) => !expired);
      const currentAt = Math.max(...wanting.map(({ point }) => point!.asOf));
      const facts = { key, versionId, size, lastModified, currentAt };
      const lifecycle = lifecycles.find((each) => each.bucket === bucket);
      const isMissing = code === MISSING && lifecycle !== undefined;
      return {
        key,
        versionId,
        size,
        lastModified: new Date(lastModified).toISOString(),
        code,
        message,
        points: wanting.map(({ id }) => id),
        rules: isMissing ? suspectsOf(lifecycle.rules, facts, lifecycle.now) : [],
      };
    });
  }
}

/** The code of a version that is not there. */
export const MISSING = "NoSuchVersion";
/** The code of a version `null` that is another object by now. */
export const CHANGED = "VersionChanged";
