import assert from "node:assert/strict";
import { FailureStream } from "../cli/failure_stream.ts";
import { Output, OutputClosed } from "../cli/output.ts";
import { MAX_FAILURES_TOLD } from "../lib/model/max_failures_told.ts";
import { Failures } from "../lib/restore/failures.ts";
import type { RestoreFailure } from "../lib/restore/restore_failure.ts";
import { emptyTally, reportOf } from "../lib/restore/restore_report.ts";

function failure(number: number): RestoreFailure {
  return { key: `k${number}`, versionId: "v", code: "X", message: "m" };
}

Deno.test("a report holds the first failures and counts all; each is told, one at a time", async () => {
  const told: string[] = [];
  let isTelling = false;
  const tally = emptyTally(async ({ key }) => {
    assert(!isTelling);
    isTelling = true;
    await Promise.resolve();
    told.push(key);
    isTelling = false;
  });
  const all = Array.from({ length: MAX_FAILURES_TOLD + 5 }, (_, i) => failure(i));
  await Promise.all(all.map((each) => tally.failures.add(each)));
  const { failed, failedCount } = reportOf(tally);
  assert.deepEqual(failed, all.slice(0, MAX_FAILURES_TOLD));
  assert.equal(failedCount, all.length);
  assert.deepEqual(told, all.map(({ key }) => key));
});

Deno.test("what is thrown by who is told ends it, and nobody is told again", async () => {
  let calls = 0;
  const failures = new Failures(() => {
    calls++;
    throw new Error("enough");
  });
  await assert.rejects(failures.add(failure(1)), /enough/);
  await assert.rejects(failures.add(failure(2)), /enough/);
  assert.deepEqual([calls, failures.count], [1, 2]);
});

Deno.test("that nobody reads the failures stops no restore, and is noticed at its end", async () => {
  let writes = 0;
  const output = new Output({
    write() {
      writes++;
      return Promise.reject(new Deno.errors.BrokenPipe("gone"));
    },
  });
  const stream = new FailureStream(output);
  const long = { ...failure(1), message: "m".repeat(40_000) };
  for (let i = 0; i < 9; i++) await stream.onFailure(long);
  await stream.end(new Error("later"));
  assert.equal(writes, 1);
  await assert.rejects(output.write("x".repeat(70_000)), OutputClosed);
});
