import assert from "node:assert/strict";
import { openStore } from "../backends/open_store.ts";
import { InputError, storeConformance, StoreError } from "../testing.ts";

function moduleUrl(name: string): string {
  return new URL(`./plugin_driver/${name}.ts`, import.meta.url).href;
}

const drivers = { drawer: moduleUrl("drawer_store"), foreign: moduleUrl("foreign_store") };

for (const scheme of ["drawer", "foreign"]) {
  const checks = storeConformance({
    open: () => openStore(`${scheme}:${crypto.randomUUID()}`, { drivers }),
    openAgain: ({ url }) => openStore(url, { drivers }),
  });
  for (const { name, run } of checks) {
    Deno.test(`a configured ${scheme} driver's store ${name}`, run);
  }
}

Deno.test("a driver may be a default export", async () => {
  const options = { drivers: { drawer: moduleUrl("default_export") } };
  await using store = await openStore("drawer:default", options);
  assert.equal(store.url, "drawer:default");
});

Deno.test("a driver's own refusal of a URL reaches the caller", async () => {
  for (const url of ["drawer:NO!", "foreign:NO!"]) {
    await assert.rejects(
      openStore(url, { drivers }),
      (error) => error instanceof InputError && /a drawer is "drawer:NAME"/.test(error.message),
    );
  }
});

Deno.test("a driver is told not to make what is not there", async () => {
  const opening = () => openStore("drawer:mistyped", { drivers, create: false });
  await assert.rejects(
    opening(),
    (error) => error instanceof StoreError && error.code === "NotFound",
  );
  await using _made = await openStore("drawer:mistyped", { drivers });
  await using there = await opening();
  assert.equal(there.url, "drawer:mistyped");
});

Deno.test("opening stops at an aborted signal, for a driver's store too", async () => {
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  for (const url of ["memory:", "drawer:aborted"]) {
    await assert.rejects(openStore(url, { drivers, signal }), (error) => error === reason);
  }
});

/** What is wrong, and what the message must say about it. */
const BAD_DRIVERS: readonly (readonly [Record<string, string>, RegExp])[] = [
  [{ drawer: moduleUrl("missing") }, /"drawer:".*missing\.ts.*cannot be loaded: Module not found/],
  [{ drawer: moduleUrl("no_driver") }, /exports no function openStore/],
  [{ drawer: "./drawer_store.ts" }, /is a path: give the absolute URL/],
  [{ drawer: "/drawer_store.ts" }, /is a path: give the absolute URL/],
  [{ "drawer:": drivers.drawer }, /"drawer:" is no URL scheme.*without a colon/],
  [{ Drawer: drivers.drawer }, /"Drawer" is no URL scheme/],
  [{ file: drivers.drawer }, /second driver for "file:".*built in/],
  [{ s3: drivers.drawer }, /second driver for "s3:".*built in/],
  [{ constructor: drivers.drawer }, /no driver opens "drawer:".*known: constructor:, file:/],
];

for (const [bad, message] of BAD_DRIVERS) {
  Deno.test(`a driver is refused: ${JSON.stringify(Object.keys(bad))} ${message}`, async () => {
    const opening = openStore("drawer:name", { drivers: bad });
    await assert.rejects(
      opening,
      (error) => error instanceof InputError && message.test(error.message),
    );
  });
}
