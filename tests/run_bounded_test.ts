import assert from "node:assert/strict";
import { runBounded } from "../lib/s3/run_bounded.ts";

Deno.test("work on a stream is bounded, and its first failure stops the rest", async () => {
  let produced = 0, running = 0, most = 0;
  async function* numbers(): AsyncGenerator<number> {
    while (produced < 50) yield await Promise.resolve(produced++);
  }
  await runBounded(numbers(), 4, async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 0));
    running--;
  });
  assert.equal(most, 4);
  assert.equal(produced, 50);

  produced = 0;
  let aborted = 0;
  const failing = runBounded(numbers(), 3, async (n, stop) => {
    await Promise.resolve();
    if (n === 5) throw new Error("no");
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (stop.aborted) aborted++;
  });
  await assert.rejects(failing, /^Error: no$/);
  assert(produced < 12, `${produced} were produced`);
  assert(aborted > 0);
  const reason = new Error("stop");
  await assert.rejects(
    runBounded(numbers(), 2, () => Promise.resolve(), AbortSignal.abort(reason)),
    reason,
  );
});

Deno.test("work on a list is bounded too, and no runner waits for an item that is not there", async () => {
  let running = 0, most = 0;
  const done: number[] = [];
  await runBounded([1, 2, 3], 8, async (n) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    done.push(n);
    running--;
  });
  assert.deepEqual(done.sort(), [1, 2, 3]);
  assert(most <= 3);
  await runBounded([], 8, () => Promise.reject(new Error("there is nothing to do")));
});
