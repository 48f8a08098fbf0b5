import assert from "node:assert/strict";
import { GUARDS } from "./simulation/guards.ts";
import { describeFailure, runSeeds } from "./simulation/run_seeds.ts";

const HISTORIES = 1000;

/** Each must have come about in one history of ten at least, or too little was tried. */
const FREQUENT = [
  "snapshot",
  "gc",
  "gc --dry-run",
  "gc --no-lock",
  "delete",
  "restore",
  "restored again",
  "pin",
  "unpin",
  "unlock",
  "killed",
  "stopped",
  "clocks set",
  "LockHeld",
  "LockLost",
  "gc: CorruptSnapshot",
  "gc: Unavailable",
];

Deno.test("in a thousand histories of people, crashes and restores no promise is broken", async () => {
  const seeds = Array.from({ length: HISTORIES }, (_, i) => i + 1);
  const { histories, events, failure } = await runSeeds(seeds.values());
  if (failure) assert.fail(describeFailure(failure));
  assert.equal(histories, HISTORIES);
  for (const name of FREQUENT) {
    const count = events[name] ?? 0;
    assert(count >= HISTORIES / 10, `${count} times "${name}" in ${HISTORIES} histories is little`);
  }
});

Deno.test("each guard that is taken out by test:guards stands in the code once", async () => {
  for (const { what, file, code, without } of GUARDS) {
    const text = await Deno.readTextFile(new URL(`../${file}`, import.meta.url));
    assert.equal(text.split(code).length - 1, 1, `${what}: ${file}`);
    assert.notEqual(code, without);
  }
});
