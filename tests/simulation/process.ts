import type { Replica } from "../../lib/gc/replica.ts";
import type { SnapshotStore } from "../../lib/model/store.ts";
import { hookStore } from "../hooked_store.ts";

/** A call that a process makes of what is outside it. */
export interface Call {
  readonly operation: "put" | "get" | "list" | "delete" | "now" | "page" | "deleteVersions";
  /** A store's name, or nothing. */
  readonly name: string;
}

/** What befalls a process. */
export interface Fate {
  /** Count of calls after which it happens; Infinity for never. */
  readonly at: number;
  /** It dies before the call took effect, or after; or it stands still before the call. */
  readonly kind: "dies before" | "dies after" | "stops";
}

/** What a killed process would throw, if anything of it went on. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** One run of a program that shares store and bucket with others, and may be killed or stopped. */
export class Process {
  readonly store: SnapshotStore;
  readonly replica: Replica;
  /** Resolves when it has stopped. */
  readonly stopped: Promise<void>;
  calls = 0;
  readonly #fate: Fate;
  readonly #meanwhile: (call: Call) => void;
  readonly #stopped = Promise.withResolvers<void>();
  readonly #resumed = Promise.withResolvers<void>();
  #isDead = false;
  #isStopped = false;

  /** `meanwhile` is called before each call, for what others do in the meantime. */
  constructor(
    store: SnapshotStore,
    replica: Replica,
    fate: Fate,
    meanwhile: (call: Call) => void,
  ) {
    this.#fate = fate;
    this.#meanwhile = meanwhile;
    this.stopped = this.#stopped.promise;
    const before = (call: Call) => this.#before(call);
    const after = () => this.#after();
    this.store = hookStore(store, { before, after });
    this.replica = {
      ...replica,
      url: replica.url,
      identity: replica.identity,
      concurrency: replica.concurrency,
      now: async () => {
        await before({ operation: "now", name: "" });
        return await replica.now();
      },
      async *listVersions(from, options) {
        await before({ operation: "page", name: "" });
        for await (const page of replica.listVersions(from, options)) {
          yield page;
          await before({ operation: "page", name: "" });
        }
      },
      deleteVersions: async (versions, options) => {
        await before({ operation: "deleteVersions", name: "" });
        const result = await replica.deleteVersions(versions, options);
        after();
        return result;
      },
    };
  }

  /** Go on after {@linkcode stopped}. */
  resume(): void {
    this.#isStopped = false;
    this.#resumed.resolve();
  }

  async #before(call: Call): Promise<void> {
    if (this.#isDead) throw new Killed();
    this.#meanwhile(call);
    this.calls++;
    const { at, kind } = this.#fate;
    if (kind === "dies before" && this.calls >= at) this.#die();
    if (kind === "stops" && this.calls >= at && !isFenced(call) && !this.#isStopped) {
      this.#isStopped = true;
      this.#stopped.resolve();
    }
    if (this.#isStopped) await this.#resumed.promise;
  }

  #after(): void {
    if (this.#fate.kind === "dies after" && this.calls >= this.#fate.at) this.#die();
  }

  #die(): never {
    this.#isDead = true;
    throw new Killed();
  }
}

/**
 * Whether a stop right before the call is one that nothing can notice: between the check of the
 * lock and the request that it is for, see lib/lock.ts.
 */
function isFenced({ operation, name }: Call): boolean {
  return operation === "deleteVersions" || operation === "now" || name.startsWith("lock/") ||
    operation === "put" && /\/(?:expired|manifest\.json)$/.test(name);
}
