/**
 * A process that puts into a store, for tests that kill it or race it:
 *
 *     putter.ts URL NAME CHUNKS hang     writes CHUNKS of 1,100,000 bytes, says "written", never ends
 *     putter.ts URL NAME CHUNKS create   creates the name when it reads a line, says the outcome
 *     putter.ts URL NAME CHUNKS fill     puts one chunk as "before", CHUNKS as the name, and one as
 *                                        "after"; says the outcomes, and the names that are there
 */
import { openStore } from "../../backends/open_store.ts";
import { StoreError } from "../../lib/model/errors.ts";

const [url = "", name = "", chunks = "", mode] = Deno.args;
const CHUNK = new Uint8Array(1_100_000).fill(Deno.pid & 0xff);

function body(end: Promise<void>): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (sent++ < Number(chunks)) return controller.enqueue(CHUNK);
      if (mode === "hang") await say("written");
      await end;
      controller.close();
    },
  }, { highWaterMark: 0 });
}

async function say(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
}

async function outcome(put: Promise<void>): Promise<string> {
  try {
    await put;
    return "done";
  } catch (error) {
    return error instanceof StoreError ? error.code : String(error);
  }
}

await using store = await openStore(url);
if (mode === "hang") {
  // A timer keeps the process alive until it is killed.
  setInterval(() => {}, 60_000);
  await store.put(name, body(new Promise(() => {})));
} else if (mode === "create") {
  await say("ready");
  await Deno.stdin.read(new Uint8Array(1));
  await say(await outcome(store.put(name, body(Promise.resolve()), { createOnly: true })));
} else {
  const outcomes = [
    await outcome(store.put("before", new Blob([CHUNK]).stream())),
    await outcome(store.put(name, body(Promise.resolve()))),
    await outcome(store.put("after", new Blob([CHUNK]).stream())),
  ];
  const names = (await Array.fromAsync(store.list())).map((item) => item.name);
  await say(JSON.stringify({ outcomes, names }));
}
