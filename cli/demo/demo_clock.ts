/** A clock that starts at the real time, runs at its speed, and can be moved ahead by days. */
export class DemoClock {
  readonly #read: () => number;
  #ahead = 0;

  /** `read` gives milliseconds since 1970. */
  constructor(read: () => number = Date.now) {
    this.#read = read;
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => this.#read() + this.#ahead;

  /** Days pass. */
  advanceDays(days: number): void {
    this.#ahead += days * 86_400_000;
  }
}
