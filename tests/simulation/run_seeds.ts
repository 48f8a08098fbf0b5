import type { Failure } from "./shrink.ts";
import type { Events } from "./simulation.ts";
import type { Order, Outcome } from "./worker.ts";

/** What came of many histories. */
export interface Result {
  /** How many were run. */
  histories: number;
  /** What came about in them. */
  readonly events: Events;
  /** The first in which a promise was broken, by time and not by seed. */
  failure?: Failure;
}

/** How histories are run. */
export interface RunOptions {
  /** How many at once. Default: as many as there are processors. */
  readonly threads?: number;
  /** Whether a history that breaks a promise is shortened to what it takes. Default: true. */
  readonly shrinks?: boolean;
}

/**
 * Run a history for each seed. Ends with the seeds, or the first history in which a promise is
 * broken.
 */
export async function runSeeds(
  seeds: Iterator<number>,
  { threads = navigator.hardwareConcurrency, shrinks = true }: RunOptions = {},
): Promise<Result> {
  const result: Result = { histories: 0, events: {} };
  await Promise.all(Array.from({ length: threads }, () => runThread(seeds, shrinks, result)));
  return result;
}

async function runThread(
  seeds: Iterator<number>,
  shrinks: boolean,
  result: Result,
): Promise<void> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  try {
    for (let next = seeds.next(); !next.done && !result.failure; next = seeds.next()) {
      add(await ask(worker, { seed: next.value, shrinks }), result);
    }
  } finally {
    worker.terminate();
  }
}

function ask(worker: Worker, order: Order): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Outcome>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`the history of seed ${order.seed} cannot be run: ${event.message}`));
    };
    worker.postMessage(order);
  });
}

function add({ events = {}, failure }: Outcome, result: Result): void {
  result.histories++;
  if (failure) result.failure ??= failure;
  for (const [name, count] of Object.entries(events)) {
    result.events[name] = (result.events[name] ?? 0) + count;
  }
}

/** How people see a failure again. */
export function describeFailure({ seed, steps, message }: Failure): string {
  const command = `deno task simulate --replay ${seed}`;
  return `${message}\n\nSeen again, call by call, with\n    ${command}` +
    (steps ? ` --steps ${steps.join(",")}` : "");
}
