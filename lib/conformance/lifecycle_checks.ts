import assert from "node:assert/strict";
import type { StoreCheck } from "./check.ts";
import { bodyOf, sampleBytes, trackedBody } from "./bodies.ts";
import { expectCode } from "./expect.ts";

/** Words that a parameter which holds a secret has in its name. */
const SECRET = /key|secret|token|passw|credential|signature/i;

/** What disposal and the URL promise. */
export const lifecycleChecks: readonly StoreCheck[] = [
  {
    name: "rejects every call with Closed once it is disposed of, which may be done twice",
    async run({ store }): Promise<void> {
      await store.put("name", bodyOf(sampleBytes(10)));
      await store[Symbol.asyncDispose]();
      const body = trackedBody([sampleBytes(1)]);
      await expectCode(store.put("other", body.stream), "Closed", "put");
      assert.ok(body.cancelled, "put did not cancel the body");
      await expectCode(store.get("name"), "Closed", "get");
      await expectCode(store.delete("name"), "Closed", "delete");
      await expectCode(Array.fromAsync(store.list()), "Closed", "list");
      await store[Symbol.asyncDispose]();
    },
  },
  {
    name: "shows no credentials in its URL",
    run({ store }): Promise<void> {
      const { username, password, searchParams } = new URL(store.url);
      assert.equal(username + password, "", "the URL holds a user");
      for (const parameter of searchParams.keys()) {
        assert.doesNotMatch(parameter, SECRET, "the URL holds a secret");
      }
      return Promise.resolve();
    },
  },
];
