/** Every store against the simplest model of one: a map, under random calls. */
import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { openStore } from "../backends/open_store.ts";
import { type SnapshotStore, StoreError } from "../testing.ts";
import { runs } from "./seed.ts";

const NAMES = ["a/x", "a/y", "a-b", "a.c/x", "b", "c/d/e", "c/d/f", "c/g"];

type Call =
  | { readonly call: "put"; readonly name: string; readonly size: number; readonly only: boolean }
  | { readonly call: "get" | "delete" | "list"; readonly name: string };

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({
    call: fc.constant("put" as const),
    name: fc.constantFrom(...NAMES),
    size: fc.constantFrom(0, 1, 1_000, 300_000),
    only: fc.boolean(),
  }),
  fc.record({
    call: fc.constantFrom("get" as const, "delete" as const, "list" as const),
    name: fc.constantFrom(...NAMES),
  }),
);

/** What a call comes to: text that is equal when the outcomes are. */
async function onStore(store: SnapshotStore, step: Call, fill: number): Promise<string> {
  try {
    if (step.call === "put") {
      const body = new Blob([new Uint8Array(step.size).fill(fill)]).stream();
      await store.put(step.name, body, { createOnly: step.only });
      return "done";
    }
    if (step.call === "get") {
      const bytes = await new Response(await store.get(step.name)).bytes();
      return `${bytes.length} times ${bytes[0]}`;
    }
    if (step.call === "list") {
      const items = await Array.fromAsync(store.list({ prefix: step.name.slice(0, 2) }));
      return items.map(({ name, size }) => `${name} ${size}`).join(", ");
    }
    await store.delete(step.name);
    return "done";
  } catch (error) {
    assert.ok(error instanceof StoreError, `${error}`);
    return error.code;
  }
}

interface ModelFile {
  readonly size: number;
  readonly fill: number;
}

function onModel(model: Map<string, ModelFile>, step: Call, fill: number): string {
  const file = model.get(step.name);
  if (step.call === "put") {
    if (file && step.only) return "AlreadyExists";
    model.set(step.name, { size: step.size, fill });
  } else if (step.call === "get") {
    if (!file) return "NotFound";
    return `${file.size} times ${file.size > 0 ? file.fill : undefined}`;
  } else if (step.call === "list") {
    const names = [...model.keys()].filter((name) => name.startsWith(step.name.slice(0, 2)));
    return names.sort().map((name) => `${name} ${model.get(name)!.size}`).join(", ");
  } else model.delete(step.name);
  return "done";
}

for (const scheme of ["memory", "file", "sqlite"]) {
  Deno.test(`a ${scheme}: store does what a map does`, async () => {
    const scratch = await Deno.makeTempDir({ prefix: "store-model-" });
    let stores = 0;
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(call, { maxLength: 25 }), async (steps) => {
          const place = `${scratch}/${++stores}`;
          await using store = await openStore(
            scheme === "memory" ? "memory:" : `${scheme}://${place}`,
          );
          const model = new Map<string, ModelFile>();
          for (const [i, step] of steps.entries()) {
            assert.equal(await onStore(store, step, i), onModel(model, step, i));
          }
        }),
        runs(15),
      );
    } finally {
      await Deno.remove(scratch, { recursive: true });
    }
  });
}
