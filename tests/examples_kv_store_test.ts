/** examples/kv_store.ts, with a key-value service on loopback. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore } from "../backends/open_store.ts";
import { InputError, storeConformance, StoreError } from "../testing.ts";
import { CommandWorld } from "./command_world.ts";
import { assertNoFlagSuperfluous, runExample } from "./examples/example.ts";
import { type KvService, startKvService } from "./examples/kv_service.ts";

const NAME = "kv_store";
const TOKEN = "a-token";
const ROOT = fileURLToPath(new URL("../", import.meta.url));
const drivers = { kv: new URL(`../examples/${NAME}.ts`, import.meta.url).href };

const shared = startKvService(TOKEN);
Deno.env.set("KV_TOKEN", TOKEN);
Deno.test.afterAll(async () => await shared[Symbol.asyncDispose]());

const checks = storeConformance({
  open: () => openStore(`kv://${shared.host}/${crypto.randomUUID()}/`, { drivers }),
  openAgain: ({ url }) => openStore(url, { drivers }),
});
for (const { name, run } of checks) Deno.test(`a store in a key-value service ${name}`, run);

/** Settings of a world whose store is in the service, by a configuration. */
async function configured(world: CommandWorld, { host }: KvService) {
  const config = join(world.dir, "config.json");
  const driver = join(ROOT, "examples", `${NAME}.ts`);
  const set = { source: world.url(), store: `kv://${host}/photos/` };
  await Deno.writeTextFile(config, JSON.stringify({ drivers: { kv: driver }, sets: { a: set } }));
  return {
    values: { $CONFIG: config, $CHECKOUT: ROOT, "kv.example.com": host },
    env: { KV_TOKEN: TOKEN },
  };
}

Deno.test("the command keeps its snapshots in the service that is configured", async () => {
  await using world = await CommandWorld.create();
  await using service = startKvService(TOKEN);
  world.server.seed(world.bucket, [{ key: "a" }, { key: "b" }]);
  const run = await configured(world, service);
  await assertNoFlagSuperfluous(world, NAME, run);
  const { code, stdout, stderr } = await runExample(world, NAME, run);
  assert.equal(code, 0, stderr);
  const id = /\d{8}T\d{6}Z-[0-9a-z]{4}/.exec(stdout)![0];
  const keys = [...service.values.keys()].filter((key) => !key.includes("lock"));
  assert.deepEqual(keys.sort(), [`photos/${id}/manifest.json`, `photos/${id}/part-00000`]);
  const args = ["ls", "latest", "--config", "$CONFIG"];
  const { stdout: listed } = await runExample(world, NAME, { ...run, args });
  assert.match(listed, /\ba\n[^]*\bb\n/);
});

Deno.test("a wrong token, URL or host is told, and nothing is stored", async () => {
  await using world = await CommandWorld.create();
  await using service = startKvService(TOKEN);
  const run = await configured(world, service);
  const denied = await runExample(world, NAME, { ...run, env: { KV_TOKEN: "wrong" } });
  assert.equal(denied.code, 1);
  assert.match(denied.stderr, /status 403/);
  assert.equal(service.values.size, 0);
  const gone = startKvService(TOKEN);
  await gone[Symbol.asyncDispose]();
  await using unreachable = await openStore(`kv://${gone.host}/`, { drivers });
  await assert.rejects(
    unreachable.get("a"),
    (error) => error instanceof StoreError && error.code === "Unavailable" && error.retryable,
  );
  for (const url of ["kv:photos", "kv://host", "kv://host/a b/", "kv://host/?x=1"]) {
    await assert.rejects(openStore(url, { drivers }), InputError, url);
  }
});
