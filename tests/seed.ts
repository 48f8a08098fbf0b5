/**
 * One seed for every property and every simulated fault of a run. A failure prints it (fast-check
 * in its message, others by {@linkcode SEED}); give it back with BMB_SEED to see it again.
 */
export const SEED: number = Number(Deno.env.get("BMB_SEED") ?? Date.now() % 0x7fffffff);

/** Parameters for `fc.assert`; `numRuns` can be raised for a long run by BMB_RUNS. */
export function runs(numRuns: number): { readonly seed: number; readonly numRuns: number } {
  const factor = Number(Deno.env.get("BMB_RUNS") ?? 1);
  return { seed: SEED, numRuns: Math.ceil(numRuns * factor) };
}

/** A small, fast generator of numbers in [0, 1) that depends on its seed only (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}
