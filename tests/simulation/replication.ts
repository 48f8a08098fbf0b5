import type { Chance } from "./chance.ts";
import type { ModelBucket, ModelVersion } from "./model_bucket.ts";

interface Pending {
  readonly version: ModelVersion;
  readonly due: number;
}

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/**
 * Carries versions from a source to its replica: late, and each with a delay of its own, so that
 * they arrive in another order than they were written in. Deletions of versions are not carried.
 */
export class Replication {
  readonly #source: ModelBucket;
  readonly #replica: ModelBucket;
  #pending: Pending[] = [];

  constructor(
    source: ModelBucket,
    replica: ModelBucket,
    chance: Chance,
    time: { readonly current: number },
    withMarkers: boolean,
  ) {
    this.#source = source;
    this.#replica = replica;
    source.onWrite = (version) => {
      if (version.isDeleteMarker && !withMarkers) return;
      this.#pending.push({ version, due: time.current + lag(chance) });
    };
  }

  /** Bring what has arrived by a moment. */
  deliver(now: number): void {
    const arrived = this.#pending.filter(({ due }) => due <= now).sort((a, b) => a.due - b.due);
    if (arrived.length === 0) return;
    this.#pending = this.#pending.filter(({ due }) => due > now);
    for (const { version } of arrived) {
      if (this.#source.find(version.key, version.versionId)) this.#replica.adopt(version);
    }
  }
}

/** Milliseconds. */
function lag(chance: Chance): number {
  return chance.weigh([
    [6, () => chance.int(5 * SECOND)],
    [3, () => chance.int(HOUR)],
    [1, () => chance.int(48 * HOUR)],
  ])();
}
