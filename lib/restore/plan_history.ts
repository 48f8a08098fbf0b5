import { DELETE_MARKER, type EntryBatch } from "../model/entry_batch.ts";
import { compareAt } from "../model/key_order.ts";
import { PlanDraft, type PlanRules } from "./plan_draft.ts";
import { PLAN_BATCH_LENGTH, type RestoreBatch } from "./restore_batch.ts";

/**
 * What makes a bucket again what its own versions say it was at a moment: the plan that
 * `planKeys` gives for what `selectCurrent` selects, of one listing instead of two. `versions` is
 * that listing: keys ascending, the versions of one key newest first. Holds two batches.
 *
 * @param asOf Milliseconds since 1970, by the clock that dated the versions.
 */
export async function* planHistory(
  versions: AsyncIterable<EntryBatch>,
  asOf: number,
  rules: PlanRules,
): AsyncGenerator<RestoreBatch> {
  const draft = new PlanDraft(rules);
  const history = new KeyHistory(draft, asOf);
  for await (const batch of versions) {
    for (let row = 0; row < batch.length; row++) {
      history.next(batch, row);
      if (draft.length >= PLAN_BATCH_LENGTH) yield draft.take();
    }
  }
  history.end();
  if (draft.length > 0) yield draft.take();
}

interface Row {
  readonly batch: EntryBatch;
  readonly row: number;
}

/** Hands each key over to a draft as soon as its version of the moment is seen. */
class KeyHistory {
  readonly #draft: PlanDraft;
  readonly #asOf: number;
  /** The versions after the moment that matter: delete markers, and the first object below. */
  readonly #top: Row[] = [];
  #isTopped = false;
  /** A row of the key that was begun last. */
  #key: Row | undefined;
  #isDecided = true;

  constructor(draft: PlanDraft, asOf: number) {
    this.#draft = draft;
    this.#asOf = asOf;
  }

  next(batch: EntryBatch, row: number): void {
    const key = this.#key;
    if (!key || compareAt(key.batch.keys, key.row, batch.keys, row) !== 0) {
      this.end();
      this.#isDecided = false;
      this.#isTopped = false;
    }
    this.#key = { batch, row };
    if (this.#isDecided) return;
    if (batch.lastModified[row]! <= this.#asOf) this.#decide({ batch, row });
    else if (!this.#isTopped) {
      this.#top.push({ batch, row });
      this.#isTopped = !isMarker({ batch, row });
    }
  }

  /** The key has no more versions. */
  end(): void {
    if (!this.#isDecided) this.#removed();
    this.#isDecided = true;
  }

  #decide(wanted: Row): void {
    this.#isDecided = true;
    if (isMarker(wanted)) {
      this.#top.push(wanted);
      return this.#removed();
    }
    for (const seen of this.#top) {
      this.#draft.see(wanted.batch, wanted.row, seen.batch, seen.row);
    }
    this.#top.length = 0;
    this.#draft.see(wanted.batch, wanted.row, wanted.batch, wanted.row);
    this.#draft.decide(wanted.batch, wanted.row);
  }

  /** There was nothing at the moment; the newest version says whether there is now. */
  #removed(): void {
    const [newest] = this.#top;
    if (newest) this.#draft.surplus(newest.batch, newest.row);
    this.#top.length = 0;
  }
}

function isMarker({ batch, row }: Row): boolean {
  return (batch.flags[row]! & DELETE_MARKER) !== 0;
}
