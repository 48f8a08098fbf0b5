import assert from "node:assert/strict";
import { runs, SEED } from "./seed.ts";
import { type Events, simulate } from "./simulation/simulation.ts";

const STEPS = 30;

Deno.test("whatever happens: kept points stay whole, current versions stay, nothing else does", async () => {
  const total: Events = {
    snapshots: 0,
    collections: 0,
    deletions: 0,
    killed: 0,
    lost: 0,
    refused: 0,
  };
  const { numRuns } = runs(60);
  for (let run = 0; run < numRuns; run++) {
    const seed = SEED + run;
    try {
      const events = await simulate(seed, STEPS);
      for (const name of Object.keys(total) as (keyof Events)[]) total[name] += events[name];
    } catch (error) {
      throw new Error(`seen again with BMB_SEED=${seed}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  for (const [name, count] of Object.entries(total)) {
    assert(count >= numRuns / 10, `${count} ${name} in ${numRuns} histories prove little`);
  }
});
