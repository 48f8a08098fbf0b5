import assert from "node:assert/strict";
import type { StoreCheck } from "./check.ts";
import { bodyOf, sampleBytes } from "./bodies.ts";
import { expectBytes, expectCode, expectNames, expectSame } from "./expect.ts";

const LARGE_BYTES = 3 * 1024 * 1024 + 1;

/** Everything `stream` delivers, or undefined when it errors. */
async function drain(stream: ReadableStream<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return await new Response(stream).bytes();
  } catch {
    // Which error it is does not matter to the checks that allow one.
    return undefined;
  }
}

/** What `get` promises. */
export const getChecks: readonly StoreCheck[] = [
  {
    name: "refuses a missing name with NotFound before it hands out a stream",
    async run({ store }): Promise<void> {
      await store.put("folder/name", bodyOf(sampleBytes(10)));
      for (const name of ["missing", "folder", "folder/nam", "folder/name2", "folder/name/x"]) {
        await expectCode(store.get(name), "NotFound", `get of ${name}`);
      }
      await store.delete("folder/name");
      await expectCode(store.get("folder/name"), "NotFound", "get of a deleted name");
    },
  },
  {
    name: "gives every reader its own bytes",
    async run({ store }): Promise<void> {
      const bytes = sampleBytes(LARGE_BYTES);
      await store.put("name", bodyOf(bytes));
      const streams = await Promise.all([store.get("name"), store.get("name")]);
      for await (const chunk of streams[0]!) chunk.fill(0);
      expectSame(await new Response(streams[1]).bytes(), bytes, "name");
      await expectBytes(store, "name", bytes);
    },
  },
  {
    name: "lets a reader leave in the middle",
    async run({ store }): Promise<void> {
      const bytes = sampleBytes(LARGE_BYTES);
      await store.put("name", bodyOf(bytes));
      await (await store.get("name")).cancel();
      const reader = (await store.get("name")).getReader();
      assert.equal((await reader.read()).done, false);
      await reader.cancel(new Error("enough"));
      await store.put("name", bodyOf(bytes.subarray(1)));
      await expectBytes(store, "name", bytes.subarray(1));
      await store.delete("name");
      await expectNames(store, []);
    },
  },
  {
    name: "never mixes or cuts what is replaced or deleted while it is read",
    async run({ store }): Promise<void> {
      const bytes = sampleBytes(LARGE_BYTES);
      for (const change of ["put", "delete"] as const) {
        await store.put("name", bodyOf(bytes));
        const stream = await store.get("name");
        if (change === "put") await store.put("name", bodyOf(sampleBytes(LARGE_BYTES, 2)));
        else await store.delete("name");
        const actual = await drain(stream);
        if (actual) expectSame(actual, bytes, `what was read before a ${change}`);
      }
    },
  },
];
