import { textAt } from "../model/entry_batch.ts";
import { copyRequests, type RequestCounts } from "../s3/copy_requests.ts";
import {
  COPY,
  COPY_ARCHIVED,
  COPY_OWN,
  DELETE,
  REMOVE_MARKER,
  REMOVE_REPLICA_MARKER,
  type RestoreBatch,
} from "./restore_batch.ts";

/** What the changes of a plan come to. Requests and time are estimates. */
export interface PlanSummary {
  /** Objects to copy from the target's own history. */
  readonly copiedFromTarget: number;
  /** Objects to copy from the replica. */
  readonly copiedFromReplica: number;
  /** Object bytes, by what would be done. */
  readonly bytes: {
    readonly unchanged: number;
    readonly undeleted: number;
    readonly copiedFromTarget: number;
    readonly copiedFromReplica: number;
    readonly deleted: number;
    readonly extra: number;
    readonly archived: number;
  };
  /**
   * Requests by S3's names of the operations: the listing as often as it took for this plan, and
   * once more for the safety snapshot; copies as AWS answers, retries not counted.
   */
  readonly requests: Readonly<RequestCounts>;
  /** How long it would take, in milliseconds, if what `basis` says holds. */
  readonly estimatedMs: number;
  /** What the estimate rests on, in words. */
  readonly basis: string;
}

/** The middle of what AWS calls typical for small objects: 100 to 200 ms. */
const MS_PER_REQUEST = 150;
/** What AWS expects of one request at a time. */
const BYTES_PER_SECOND = 85e6;
/** S3's limit of one DeleteObjects. */
const KEYS_PER_DELETE = 1000;

/** How a plan would be carried out. */
export interface SummaryOptions {
  /** Most copies in flight. */
  readonly concurrency: number;
  /** Pages of listings that the plan took. */
  readonly pages: number;
  /** Milliseconds that the plan took. */
  readonly planningMs: number;
  /** Whether the target is listed once more, to be stored as a snapshot before the first change. */
  readonly safetySnapshot: boolean;
}

/** Adds up the batches of a plan. */
export class PlanCounter {
  readonly #bytes = {
    unchanged: 0,
    undeleted: 0,
    copiedFromTarget: 0,
    copiedFromReplica: 0,
    deleted: 0,
    extra: 0,
    archived: 0,
  };
  readonly #requests: RequestCounts = {};
  readonly #streams: boolean;
  #copiedFromTarget = 0;
  #copiedFromReplica = 0;

  /** `streams`: whether what is copied from the replica passes through here. */
  constructor({ streams }: { readonly streams: boolean }) {
    this.#streams = streams;
  }

  /** Count what a batch says. */
  add(batch: RestoreBatch): void {
    this.#bytes.unchanged += batch.bytesUnchanged;
    this.#bytes.undeleted += batch.bytesUndeleted;
    this.#bytes.extra += batch.bytesExtra;
    let markers = 0, replicaMarkers = 0, deletions = 0;
    for (let row = 0; row < batch.entries.length; row++) {
      const action = batch.actions[row], size = batch.entries.sizes[row]!;
      if (action === COPY || action === COPY_OWN) this.#addCopy(batch, row);
      else if (action === COPY_ARCHIVED) this.#bytes.archived += size;
      else if (action === REMOVE_MARKER) markers++;
      else if (action === REMOVE_REPLICA_MARKER) replicaMarkers++;
      else if (action === DELETE) {
        deletions++;
        this.#bytes.deleted += size;
      }
    }
    for (const keys of [markers, replicaMarkers, deletions]) {
      if (keys > 0) this.#request("DeleteObjects", Math.ceil(keys / KEYS_PER_DELETE));
    }
  }

  #addCopy({ entries, actions }: RestoreBatch, row: number): void {
    const size = entries.sizes[row]!;
    if (actions[row] === COPY_OWN) {
      this.#copiedFromTarget++;
      this.#bytes.copiedFromTarget += size;
    } else {
      this.#copiedFromReplica++;
      this.#bytes.copiedFromReplica += size;
    }
    const streams = this.#streams && actions[row] === COPY;
    const counts = copyRequests(size, textAt(entries.etags, row), streams);
    for (const [operation, count] of Object.entries(counts)) this.#request(operation, count);
  }

  #request(operation: string, count: number): void {
    this.#requests[operation] = (this.#requests[operation] ?? 0) + count;
  }

  /** What was added so far comes to. */
  summary({ concurrency, pages, planningMs, safetySnapshot }: SummaryOptions): PlanSummary {
    const counts = Object.values(this.#requests);
    const isListedAgain = safetySnapshot && counts.length > 0;
    const listings = isListedAgain ? 2 : 1;
    const { copiedFromTarget, copiedFromReplica } = this.#bytes;
    const requestMs = counts.reduce((sum, count) => sum + count, 0) * MS_PER_REQUEST;
    const byteMs = (copiedFromTarget + copiedFromReplica) / BYTES_PER_SECOND * 1000;
    return {
      copiedFromTarget: this.#copiedFromTarget,
      copiedFromReplica: this.#copiedFromReplica,
      bytes: { ...this.#bytes },
      requests: { ListObjectVersions: Math.max(1, pages) * listings, ...this.#requests },
      estimatedMs: Math.round(planningMs * listings + (requestMs + byteMs) / concurrency),
      basis: `with ${concurrency} requests at once, of ${MS_PER_REQUEST} ms each and ` +
        `${BYTES_PER_SECOND / 1e6} MB/s for what each copies, after ` +
        `${isListedAgain ? "two listings" : "a listing"} like this one`,
    };
  }
}
