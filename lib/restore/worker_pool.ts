/** Runs tasks, a bounded number at once. */
export class WorkerPool {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #failure: { readonly error: unknown } | undefined;

  /** `limit` is how many tasks run at once. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Start a task, once there is room for it. Does not wait for its end.
   *
   * @throws what an earlier task threw
   */
  async start(task: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#limit) await this.#nextEnd();
    if (this.#failure) throw this.#failure.error;
    const run = task()
      .catch((error) => void (this.#failure ??= { error }))
      .finally(() => {
        this.#running.delete(run);
        this.#waiting.shift()?.();
      });
    this.#running.add(run);
  }

  async #nextEnd(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Wait for the end of every task. @throws what the first to fail threw */
  async finish(): Promise<void> {
    await Promise.all(this.#running);
    if (this.#failure) throw this.#failure.error;
  }
}
