/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/** Runs one history after another, each as soon as its seed is asked for. */
import { type Failure, findFailure } from "./shrink.ts";
import { type Events, simulate } from "./simulation.ts";

/** What a worker says of a history. */
export interface Outcome {
  readonly events?: Events;
  readonly failure?: Failure | undefined;
}

/** What it is asked. */
export interface Order {
  readonly seed: number;
  /** Whether steps are left out of a history that breaks a promise, as many as can be. */
  readonly shrinks: boolean;
}

async function run({ seed, shrinks }: Order): Promise<Outcome> {
  try {
    return { events: await simulate(seed) };
  } catch (error) {
    const message = String(error);
    return { failure: shrinks && await findFailure(seed) || { seed, message } };
  }
}

self.onmessage = async ({ data }: MessageEvent<Order>) => {
  self.postMessage(await run(data));
};
