import type { SnapshotStore } from "../model/store.ts";
import { abortChecks } from "./abort_checks.ts";
import type { StoreCheck } from "./check.ts";
import { createOnlyChecks } from "./create_only_checks.ts";
import { deleteChecks } from "./delete_checks.ts";
import { getChecks } from "./get_checks.ts";
import { lifecycleChecks } from "./lifecycle_checks.ts";
import { listChecks } from "./list_checks.ts";
import { nameChecks } from "./name_checks.ts";
import { putChecks } from "./put_checks.ts";

/** What a store says it can do. A check is left out only because of what stands here. */
export interface StoreCapabilities {
  /**
   * Whether `createOnly` is promised. A store that does not promise it must refuse it with
   * `Unsupported`, which is then checked instead. Default: true.
   */
  readonly createOnly?: boolean;
}

/** How {@linkcode storeConformance} gets at the stores that it checks. */
export interface StoreConformanceOptions {
  /** A new and empty store; called once for each check, which disposes of the store. */
  open(): Promise<SnapshotStore>;
  /**
   * Another handle to the same store that `open` gave, as a second process would have. Leave it
   * out only for a store that cannot be opened twice: the checks that need it are left out too.
   */
  openAgain?(store: SnapshotStore): Promise<SnapshotStore>;
  /** Default: everything. */
  readonly capabilities?: StoreCapabilities;
  /** How long a check may take until it counts as hanging, in milliseconds. Default: 60,000. */
  readonly hangAfter?: number;
}

/** One check of the suite, for whatever test framework there is. */
export interface ConformanceCheck {
  /** A sentence about the store, in the present tense; unique in the suite. */
  readonly name: string;
  /** Rejects when the store breaks the promise, with an AssertionError that says how. */
  run(): Promise<void>;
}

const CHECKS: readonly StoreCheck[] = [
  ...nameChecks,
  ...putChecks,
  ...createOnlyChecks,
  ...getChecks,
  ...listChecks,
  ...deleteChecks,
  ...abortChecks,
  ...lifecycleChecks,
];

/**
 * The checks that every {@linkcode SnapshotStore} must pass: each promise of the contract is in one
 * of them. They are independent of each other, and may run in any order or at once.
 *
 * @example With Deno.test
 * ```ts no-assert
 * import { storeConformance } from "./store_conformance.ts";
 * import type { SnapshotStore } from "../model/store.ts";
 *
 * declare function openMyStore(name: string): Promise<SnapshotStore>;
 *
 * const checks = storeConformance({ open: () => openMyStore(crypto.randomUUID()) });
 * for (const { name, run } of checks) Deno.test(`my store ${name}`, run);
 * ```
 */
export function storeConformance(options: StoreConformanceOptions): ConformanceCheck[] {
  const { createOnly = true } = options.capabilities ?? {};
  return CHECKS
    .filter((check) => check.createOnly === undefined || check.createOnly === createOnly)
    .filter((check) => !check.needsAgain || options.openAgain !== undefined)
    .map((check) => ({ name: check.name, run: () => runCheck(check, options) }));
}

async function runCheck(check: StoreCheck, options: StoreConformanceOptions): Promise<void> {
  const { open, openAgain, hangAfter = 60_000 } = options;
  const store = await open();
  try {
    const again = openAgain && (() => openAgain(store));
    await withDeadline(check.run({ store, openAgain: again }), hangAfter);
  } catch (error) {
    // What went wrong first says more than what disposal makes of it.
    await Promise.allSettled([store[Symbol.asyncDispose]()]);
    throw error;
  }
  await store[Symbol.asyncDispose]();
}

async function withDeadline(running: Promise<void>, milliseconds: number): Promise<void> {
  const hang = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    hang.reject(new Error(`the check hangs: it took more than ${milliseconds} ms`));
  }, milliseconds);
  try {
    await Promise.race([running, hang.promise]);
  } finally {
    clearTimeout(timer);
  }
}
