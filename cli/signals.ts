/** The user, or the system, asked the command to stop. */
export class Interrupted extends Error {
  /** The class, as it stands in a stack trace. */
  override readonly name = "Interrupted";
  /** `SIGINT` or `SIGTERM`. */
  readonly by: Deno.Signal;

  /** Stopped by this signal. */
  constructor(by: Deno.Signal, message: string = `stopped by ${by}`) {
    super(message);
    this.by = by;
  }
}

const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM"];

/** Turns signals of the system into one that operations understand. */
export class StopSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = new Map<Deno.Signal, () => void>();

  /**
   * The first signal aborts {@linkcode StopSignal.signal} and calls `onFirst`; the next one calls
   * `onSecond`, which ends the process at once.
   */
  constructor(onFirst: (by: Deno.Signal) => void, onSecond: () => void) {
    for (const by of STOP_SIGNALS) {
      const listener = () => {
        if (this.signal.aborted) return onSecond();
        onFirst(by);
        this.#controller.abort(new Interrupted(by));
      };
      Deno.addSignalListener(by, listener);
      this.#listeners.set(by, listener);
    }
  }

  /** Aborts with {@linkcode Interrupted}. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The signals do again what they do by themselves. */
  [Symbol.dispose](): void {
    for (const [by, listener] of this.#listeners) Deno.removeSignalListener(by, listener);
    this.#listeners.clear();
  }
}
