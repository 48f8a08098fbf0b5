/**
 * Lets a bounded number of requests through at once, first come, first served. More requests than
 * sockets would wait inside the HTTP agent, where waiting counts as a connection that times out.
 */
export class RequestGate {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #inFlight = 0;

  /** `limit` is the number of requests in flight at once. */
  constructor(limit: number) {
    this.#limit = limit;
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
    if (this.#inFlight < this.#limit) {
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
      if (this.#inFlight >= this.#limit) return;
      this.#waiting.delete(next);
      this.#inFlight++;
      next();
    }
  }
}
