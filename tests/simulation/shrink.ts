import { simulate, STEPS } from "./simulation.ts";

/** A history in which a promise is broken. */
export interface Failure {
  readonly seed: number;
  /** The numbers of the steps that it takes. Default: all. */
  readonly steps?: readonly number[];
  /** Which promise. */
  readonly message: string;
}

/** Run a history; if a promise is broken, leave out every step that it does not take for that. */
export async function findFailure(seed: number): Promise<Failure | undefined> {
  const all = [...Array(STEPS).keys()];
  let failure = await tryHistory(seed, all), left = all;
  // The last ones first: those after the break do nothing.
  for (const step of all.toReversed()) {
    if (!failure) return undefined;
    const fewer = left.filter((other) => other !== step);
    const again = await tryHistory(seed, fewer);
    if (again) [failure, left] = [again, fewer];
  }
  return failure;
}

async function tryHistory(seed: number, steps: readonly number[]): Promise<Failure | undefined> {
  try {
    await simulate(seed, { steps });
  } catch (error) {
    const message = error instanceof Error ? error.stack ?? error.message : String(error);
    return { seed, steps, message };
  }
}
