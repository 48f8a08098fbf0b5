import type { SnapshotStore } from "../model/store.ts";

/** What a check works with. */
export interface CheckContext {
  /** New and empty. */
  readonly store: SnapshotStore;
  /** Another handle to the same store, which the check disposes of; undefined when there is none. */
  readonly openAgain: (() => Promise<SnapshotStore>) | undefined;
}

/** One promise of the contract, and how to find out whether a store keeps it. */
export interface StoreCheck {
  /** A sentence about the store, in the present tense. */
  readonly name: string;
  /** Needs stores that promise createOnly (true) or stores that do not (false). */
  readonly createOnly?: boolean;
  /** Needs a second handle to the store. */
  readonly needsAgain?: boolean;
  /** Throws when the store breaks the promise. */
  run(context: CheckContext): Promise<void>;
}
