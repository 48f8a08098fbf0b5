/**
 * The machine that programs run on, in place of the real one: its timers go off when simulated time
 * passes, and its clock shows nonsense. So a run depends on its seed alone.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** Who sets timers. */
export interface Owner {
  /** Whether it can do anything at all. */
  readonly isRunning: boolean;
  /** Milliseconds that its timers did not count, as those of a suspended laptop. */
  readonly suspended: number;
}

interface Timer {
  readonly owner: Owner;
  readonly due: number;
  readonly go: () => void;
}

/** Simulated time, and the timers that depend on it. */
export class Machine {
  /** The true time: milliseconds since 1970. */
  current: number;
  /** Milliseconds that its own clock is ahead. */
  skew = 0;
  readonly #timers = new Map<number, Timer>();
  readonly #owner = new AsyncLocalStorage<Owner>();
  #lastTimer = 0;

  constructor(current: number) {
    this.current = current;
  }

  /** Have a program's timers be its own. */
  run<T>(owner: Owner, program: () => Promise<T>): Promise<T> {
    return this.#owner.run(owner, program);
  }

  /** Let time pass. Timers that become due go off. */
  advance(ms: number): void {
    this.current += ms;
    const due = [...this.#timers].filter(([, timer]) => this.#isDue(timer));
    due.sort(([a, one], [b, other]) => one.due - other.due || a - b);
    for (const [id, timer] of due) {
      this.#timers.delete(id);
      timer.go();
    }
  }

  /** Put this machine's timers and clock in the place of the real ones, until disposed of. */
  install(): Disposable {
    const { setTimeout, clearTimeout } = globalThis;
    const { now } = Date;
    Object.assign(globalThis, {
      setTimeout: (go: () => void, ms: number) => this.#start(go, ms),
      clearTimeout: (id: number) => void this.#timers.delete(id),
    });
    Date.now = () => this.current + this.skew;
    return {
      [Symbol.dispose]: () => {
        Object.assign(globalThis, { setTimeout, clearTimeout });
        Date.now = now;
      },
    };
  }

  #start(go: () => void, ms: number): number {
    const owner = this.#owner.getStore();
    if (!owner) throw new TypeError("a timer that belongs to no program");
    const due = this.current - owner.suspended + ms;
    this.#timers.set(++this.#lastTimer, { owner, due, go: () => this.#owner.run(owner, go) });
    return this.#lastTimer;
  }

  #isDue({ owner, due }: Timer): boolean {
    return owner.isRunning && due <= this.current - owner.suspended;
  }
}
