import { MAX_FAILURES_TOLD } from "../model/max_failures_told.ts";
import type { RestoreFailure } from "./restore_failure.ts";

/** Told of a failure. */
export type OnFailure = (failure: RestoreFailure) => void | Promise<void>;

/** What failed so far: the first of it, and how much there is. */
export class Failures {
  /** At most {@linkcode MAX_FAILURES_TOLD}. */
  readonly first: RestoreFailure[] = [];
  /** All of them. */
  count = 0;
  readonly #onFailure: OnFailure | undefined;
  #told: Promise<void> = Promise.resolve();

  /** `onFailure` is told of each, one after another. */
  constructor(onFailure?: OnFailure) {
    this.#onFailure = onFailure;
  }

  /** One more. Resolves when it was told. @throws what `onFailure` threw, of this one or before */
  async add(failure: RestoreFailure): Promise<void> {
    this.count++;
    if (this.first.length < MAX_FAILURES_TOLD) this.first.push(failure);
    const tell = this.#onFailure;
    if (tell) await (this.#told = this.#told.then(() => tell(failure)));
  }
}
