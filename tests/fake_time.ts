import { setImmediate } from "node:timers/promises";

/** A clock and timers that move only when a test says so. */
export class FakeTime {
  #now: number;
  readonly #waiting = new Set<{ readonly due: number; readonly end: () => void }>();

  constructor(now: number = Date.UTC(2026, 10, 23)) {
    this.#now = now;
  }

  /** Milliseconds since 1970. */
  get current(): number {
    return this.#now;
  }

  /** As an operation reads the server's clock. */
  readonly now = (): Promise<number> => Promise.resolve(this.#now);

  /** Resolves once that much time passed, or the signal aborts. */
  readonly delay = (ms: number, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = {
        due: this.#now + ms,
        end: () => {
          this.#waiting.delete(timer);
          signal.removeEventListener("abort", timer.end);
          resolve();
        },
      };
      this.#waiting.add(timer);
      signal.addEventListener("abort", timer.end);
    });
  };

  /** Let time pass; whatever becomes due happens in order, with all that follows from it. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    while (true) {
      const next = [...this.#waiting].filter(({ due }) => due <= end)
        .sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.#now = Math.max(this.#now, next.due);
      next.end();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** Timers that nobody ended. */
  get waiting(): number {
    return this.#waiting.size;
  }
}

/** Macrotask turns that any chain of calls on a store in memory is done within. */
const TURNS = 20;

/** Let everything that can go on go on. */
export async function settle(): Promise<void> {
  for (let i = 0; i < TURNS; i++) await setImmediate();
}
