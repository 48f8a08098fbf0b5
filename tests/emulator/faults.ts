/** Faults that happen by rule and by seed. */
import { createRandom, type Random } from "./random.ts";

/**
 * What goes wrong.
 *
 * - `slowdown`: 503 SlowDown
 * - `internal-error`: 500 InternalError
 * - `error-in-200`: status 200, and a document that says InternalError
 * - `reset`: the connection is reset before an answer
 * - `cut-body`: the connection ends half way through the body of the answer; an answer without a
 *   body is reset
 */
export type FaultKind = "slowdown" | "internal-error" | "error-in-200" | "reset" | "cut-body";

/** A request as rules see it. */
export interface FaultSubject {
  /** The operation's name in the S3 API. */
  readonly operation: string;
  /** Empty for requests to the service. */
  readonly bucket: string;
  /** Empty for requests to a bucket. */
  readonly key: string;
  /** Query parameters. */
  readonly query: Readonly<Record<string, string>>;
}

/** When something goes wrong. All that is given must match. */
export interface FaultRule {
  /** What goes wrong. */
  readonly kind: FaultKind;
  /** The operation's name in the S3 API, such as `CopyObject`. */
  readonly operation?: string;
  /** The bucket's name. */
  readonly bucket?: string;
  /** The key. */
  readonly key?: string;
  /** Anything else. */
  readonly when?: (request: FaultSubject) => boolean;
  /** Requests that match and are spared before the first fault; default 0. */
  readonly after?: number;
  /** How many requests fail; default 1, or every one when `probability` is given. */
  readonly times?: number;
  /** How likely a request that matches fails, from 0 to 1; default 1. */
  readonly probability?: number;
  /**
   * True to carry out the operation and lose the answer; default false, except that a cut body has
   * always been carried out.
   */
  readonly applied?: boolean;
}

interface Armed {
  readonly rule: FaultRule;
  spare: number;
  left: number;
}

/** The rules of a server. */
export class Faults {
  readonly #random: Random;
  #armed: Armed[] = [];

  /** No rule yet; `seed` decides what a probability comes to. */
  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  /** Adds a rule. Of several that match a request, the first added is the one that counts. */
  add(rule: FaultRule): void {
    const { after = 0, times = rule.probability === undefined ? 1 : Infinity } = rule;
    this.#armed.push({ rule, spare: after, left: times });
  }

  /** Removes all rules. */
  clear(): void {
    this.#armed = [];
  }

  /** Decides about a request. */
  decide(request: FaultSubject): FaultRule | undefined {
    const armed = this.#armed.find((armed) => armed.left > 0 && matches(armed.rule, request));
    if (!armed) return undefined;
    if (armed.spare > 0) {
      armed.spare--;
      return undefined;
    }
    const { probability } = armed.rule;
    if (probability !== undefined && this.#random.next() >= probability) return undefined;
    armed.left--;
    return armed.rule;
  }
}

function matches(rule: FaultRule, request: FaultSubject): boolean {
  return (rule.operation === undefined || rule.operation === request.operation) &&
    (rule.bucket === undefined || rule.bucket === request.bucket) &&
    (rule.key === undefined || rule.key === request.key) &&
    (rule.when === undefined || rule.when(request));
}
