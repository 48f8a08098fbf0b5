import assert from "node:assert/strict";
import { NoProgress, ProgressLine, ProgressLog } from "../cli/progress.ts";

/** A clock that is moved by hand, and what was written. */
function surroundings(columns = 200) {
  const written: string[] = [];
  let time = 0;
  return {
    written,
    advance: (milliseconds: number) => void (time += milliseconds),
    options: {
      now: () => time,
      write: (text: string) => void written.push(text),
      log: (text: string) => void written.push(text),
      columns: () => columns,
    },
  };
}

const GiB = 1024 ** 3;

Deno.test("on a terminal one line tells objects, bytes, rate and the time that is left", () => {
  const { written, advance, options } = surroundings();
  const line = new ProgressLine(options);
  line.onProgress({ phase: "listing", objects: 1000, bytes: GiB });
  advance(1000);
  line.onProgress({ phase: "listing", objects: 3000, bytes: 2 * GiB });
  advance(1000);
  line.onProgress({ phase: "copying", objects: 0, bytes: 0, total: { objects: 600 } });
  advance(2000);
  line.onProgress({ phase: "copying", objects: 200, bytes: GiB, total: { objects: 600 } });
  line.clear();
  assert.deepEqual(written, [
    "\r\x1b[Klisting: 1,000 objects, 1.0 GiB",
    "\r\x1b[Klisting: 3,000 objects, 2.0 GiB, 2,000/s",
    "\r\x1b[Kcopying: 0 of 600 objects, 0 B",
    "\r\x1b[Kcopying: 200 of 600 objects, 1.0 GiB, 100/s, 4.0 s left",
    "\r\x1b[K",
  ]);
});

Deno.test("the line is not written more often than it can be read, and never wraps", () => {
  const { written, advance, options } = surroundings(21);
  const line = new ProgressLine(options);
  for (let i = 0; i < 1000; i++) {
    line.onProgress({ phase: "deleting", objects: i, bytes: i });
    advance(1);
  }
  assert.equal(written.length, 10);
  assert(written.every((text) => text.length <= "\r\x1b[K".length + 20));
  assert.equal(line.last?.objects, 999);
});

Deno.test("clearing a line that is not there writes nothing, and the next one comes at once", () => {
  const { written, options } = surroundings();
  const line = new ProgressLine(options);
  line.clear();
  assert.deepEqual(written, []);
  line.onProgress({ phase: "listing", objects: 1, bytes: 1 });
  line.clear();
  line.onProgress({ phase: "listing", objects: 2, bytes: 2 });
  assert.equal(written.length, 3);
});

Deno.test("without a terminal the log gets a line a minute, and a short run none", () => {
  const { written, advance, options } = surroundings();
  const log = new ProgressLog(options);
  for (let second = 0; second < 150; second++) {
    log.onProgress({ phase: "listing", objects: second * 100, bytes: 0 });
    advance(1000);
  }
  log.clear();
  assert.deepEqual(written, [
    "listing: 6,000 objects, 0 B, 100/s",
    "listing: 12,000 objects, 0 B, 100/s",
  ]);
});

Deno.test("progress that is not shown is still known, to say where an interruption came", () => {
  const none = new NoProgress();
  none.onProgress({ phase: "listing", objects: 5, bytes: 1 });
  none.clear();
  assert.equal(none.last?.objects, 5);
});
