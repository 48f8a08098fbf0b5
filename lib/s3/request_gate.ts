/**
 * Lets a bounded number of requests through at once, first come, first served. More requests than
 * sockets would wait inside the HTTP agent, where waiting counts as a connection that times out.
 *
 * A server that says it is too busy halves the number; every full round of good answers adds one,
 * up to where it was. Requests that were under way when it was halved do not halve it again.
 */
export class RequestGate {
  readonly #max: number;
  readonly #waiting = new Set<() => void>();
  #limit: number;
  #inFlight = 0;
  /** Answers since the limit was last halved. */
  #answers = Infinity;

  /** `max` is the number of requests in flight at once as long as the server keeps up. */
  constructor(max: number) {
    this.#max = max;
    this.#limit = max;
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** An answer that was no complaint about the pace. */
  noteAnswer(): void {
    this.#answers++;
    this.#limit = Math.min(this.#max, this.#limit + 1 / this.#limit);
    this.#admit();
  }

  /** An answer that asks for fewer requests: 503 or 429. */
  noteThrottling(): void {
    if (this.#answers++ < this.#inFlight) return;
    this.#limit = Math.max(1, this.#limit / 2);
    this.#answers = 0;
  }

  /** Run `work` once there is room. Abort: what still waits rejects with the reason. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      this.#inFlight--;
      this.#admit();
    }
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#inFlight < this.limit) {
      this.#inFlight++;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => {
      this.#waiting.delete(resolve);
      reject(signal!.reason);
    };
    this.#waiting.add(resolve);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  #admit(): void {
    for (const next of this.#waiting) {
      if (this.#inFlight >= this.limit) return;
      this.#waiting.delete(next);
      this.#inFlight++;
      next();
    }
  }
}
