import { openStore } from "../backends/open_store.ts";
import { storeConformance, type StoreConformanceOptions } from "../testing.ts";

const scratch = await Deno.makeTempDir({ prefix: "stores-" });

/** Every built-in store that needs no server; each check gets one of its own. */
const STORES: Readonly<Record<string, StoreConformanceOptions>> = {
  "a private store in memory": { open: () => openStore("memory:") },
  "a named store in memory": {
    open: () => openStore(`memory:${crypto.randomUUID()}`),
    openAgain: ({ url }) => openStore(url),
  },
  "a local directory": {
    open: () => openStore(`${scratch}/${crypto.randomUUID()}`),
    openAgain: ({ url }) => openStore(url),
  },
  "a SQLite file": {
    open: () => openStore(`sqlite://${scratch}/${crypto.randomUUID()}.db`),
    openAgain: ({ url }) => openStore(url),
  },
};

for (const [store, options] of Object.entries(STORES)) {
  for (const { name, run } of storeConformance(options)) Deno.test(`${store} ${name}`, run);
}

Deno.test.afterAll(() => Deno.remove(scratch, { recursive: true }));
