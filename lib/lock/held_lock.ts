import { appendRecord, type LockHead, type LockRecord, readHead } from "./chain.ts";
import { LockError } from "../model/errors.ts";
import type { SnapshotStore } from "../model/store.ts";

/** The lease is renewed so many times before it would run out. */
const RENEWALS_PER_TTL = 3;
/** What `assertHeld` leaves of the lease at least, as a share of its length. */
const MIN_LEASE_LEFT = 1 / 2;

/** A lock that is held. Dispose of it to give it back. */
export interface Lock extends AsyncDisposable {
  /** Aborts with a {@linkcode LockError} when the lease ran out or was taken. */
  readonly signal: AbortSignal;
  /**
   * Resolves when the lock is held and stays so for half a lease at least. To be called right
   * before anything that must not happen without it.
   *
   * @throws {LockError} `LockLost`; the lock is then gone for good
   * @throws {StoreError} when the store cannot be asked
   */
  assertHeld(): Promise<void>;
}

/** Resolves after so many milliseconds, or as soon as the signal aborts. */
export type Delay = (ms: number, signal: AbortSignal) => Promise<void>;

/** What a holder renews its lease with. */
export interface LeaseOptions {
  /** Length of a lease, in milliseconds. */
  readonly ttl: number;
  /** The bucket server's clock: milliseconds since 1970. */
  readonly now: () => Promise<number>;
  readonly delay: Delay;
}

/** The time that a lease lasts, by this machine's timer. */
export interface LeaseTimer {
  /** Resolves to whether the time passed before it was stopped. */
  readonly passed: Promise<boolean>;
  /** The lease was renewed or given back. */
  stop(): void;
}

/** To be started before the clock is read that the lease is dated by, so that it ends no later. */
export function startLease(ttl: number, delay: Delay): LeaseTimer {
  const stopped = new AbortController();
  return {
    passed: delay(ttl, stopped.signal).then(() => !stopped.signal.aborted),
    stop: () => stopped.abort(),
  };
}

/** A lock whose first record is in the chain. */
export class HeldLock implements Lock {
  readonly #store: SnapshotStore;
  readonly #options: LeaseOptions;
  #head: LockHead;
  #lease: LeaseTimer;
  /** Aborted once the lock is lost, with the error that says so. */
  readonly #lost = new AbortController();
  /** Aborted once the lock is given back. */
  readonly #ended = new AbortController();
  readonly #beating: Promise<void>;
  #lastFailure: unknown;
  /** One at a time looks at the chain or adds to it: batches are in flight side by side. */
  #queue: Promise<unknown> = Promise.resolve();

  /** `head` is this holder's record, `lease` what was started before it was dated. */
  constructor(store: SnapshotStore, head: LockHead, options: LeaseOptions, lease: LeaseTimer) {
    this.#store = store;
    this.#head = head;
    this.#options = options;
    this.#lease = lease;
    this.#watch(lease);
    this.#beating = this.#beat();
  }

  /** See {@linkcode Lock.signal}. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** See {@linkcode Lock.assertHeld}. */
  async assertHeld(): Promise<void> {
    await this.#inTurn(async () => {
      const left = Date.parse(this.#head.record.expiresAt) - await this.#options.now();
      if (left < this.#options.ttl * MIN_LEASE_LEFT) await this.#renew(this.signal);
      else await this.#confirm(this.signal);
    });
    this.signal.throwIfAborted();
  }

  /** Give the lock back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    this.#lease.stop();
    await this.#beating;
    await this.#inTurn(() => this.#append({ released: true }, this.signal)).catch(() => {
      // Lost, or the store is out of reach: then the lease ends by itself, as after a crash. What
      // was done under the lock was done; an error here would hide that, or why it was not.
    });
  }

  /** Renew in time, until the lock is given back or lost. */
  async #beat(): Promise<void> {
    const { ttl, delay } = this.#options;
    const over = AbortSignal.any([this.#ended.signal, this.signal]);
    while (true) {
      await delay(ttl / RENEWALS_PER_TTL, over);
      if (over.aborted) return;
      // A failure is tried again on the next beat; after the last one #watch reports it.
      await this.#inTurn(() => this.#renew(over)).catch((error) => this.#lastFailure = error);
    }
  }

  /** Give the lock up when this lease passes without having been renewed. */
  #watch(lease: LeaseTimer): void {
    lease.passed.then((passed) => {
      if (passed) this.#lose("it could not be renewed in time", this.#lastFailure);
    });
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { ttl, delay, now } = this.#options;
    const lease = startLease(ttl, delay);
    try {
      await this.#append({ expiresAt: new Date(await now() + ttl).toISOString() }, signal);
    } catch (error) {
      lease.stop();
      throw error;
    }
    this.#lease.stop();
    this.#lease = lease;
    this.#watch(lease);
  }

  async #append(change: Partial<LockRecord>, signal: AbortSignal): Promise<void> {
    while (true) {
      // Also finds a record of ours whose put seemed to fail: the chain goes on from there.
      await this.#confirm(signal);
      const { number, record } = this.#head;
      const next = { number: number + 1, record: { ...record, ...change } };
      if (!await appendRecord(this.#store, next, { signal })) continue;
      this.#head = next;
      return;
    }
  }

  /** Throw unless the head of the chain is this holder's; take over its number if so. */
  async #confirm(signal: AbortSignal): Promise<void> {
    const head = await readHead(this.#store, { signal });
    if (head?.record.holder !== this.#head.record.holder || head.record.released) {
      throw this.#lose(head ? `${head.record.owner} took it for ${head.record.purpose}` : "gone");
    }
    this.#head = head;
  }

  #lose(how: string, cause?: unknown): LockError {
    const error = new LockError(
      "LockLost",
      `Lost the lock of ${this.#store.url} (${how}), so nothing more is changed. What is left is ` +
        `done by the next run`,
      { cause },
    );
    this.#lost.abort(error);
    return error;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => {
      this.signal.throwIfAborted();
      return work();
    });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}
