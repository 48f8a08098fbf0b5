import assert from "node:assert/strict";
import { join } from "node:path";
import { resultOf } from "./command.ts";
import { listObjects } from "../lib/s3/list_objects.ts";
import { CommandWorld } from "./command_world.ts";
import { openEmulated } from "./emulated_bucket.ts";

const KEYS = ["a", "b/1.jpg", "b/2.txt", "line\nend"];
const HOUR = 3_600_000;

/** A bucket whose objects were all overwritten after a snapshot. */
async function overwritten(): Promise<CommandWorld> {
  const world = await CommandWorld.create();
  const seed = (body: string, age: number) =>
    world.server.seed(
      world.bucket,
      KEYS.map((key) => ({ key, body, lastModified: Date.now() - age * HOUR })),
    );
  seed("old", 3);
  await world.snapshot({ at: Date.now() - 2 * HOUR });
  seed("new", 1);
  return world;
}

/** The keys that a bucket holds. */
async function keysNow({ server, bucket }: CommandWorld, name = bucket): Promise<string[]> {
  await using handle = openEmulated(server, name);
  const pages = await Array.fromAsync(listObjects(handle));
  return pages.flat().map(({ key }) => key);
}

/** The keys that a run copied. */
function copied({ server }: CommandWorld): string[] {
  return [...new Set(server.requests.of("CopyObject").map(({ key }) => key!))].sort();
}

Deno.test("keys are selected by name, by pattern and by prefix at once", async () => {
  await using world = await overwritten();
  const words = ["--key", "a", "--key=b/1.jpg", "--prefix=b/", "--include=*.jpg", "--exclude=a*"];
  const { code, stdout, stderr } = await world.run(["restore", "latest", ...words]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(copied(world), ["b/1.jpg"]);
  const undo = /To undo it: backup-my-bucket (.*)\n$/.exec(stdout)![1]!;
  assert.match(
    undo,
    / --prefix=b\/ --key=a --key=b\/1.jpg --include='\*.jpg' --exclude='a\*' --source /,
  );
});

Deno.test("keys are read from a file, one a line or each ended by a NUL", async () => {
  await using world = await overwritten();
  const file = join(world.dir, "keys");
  const allow = [`--allow-read=${file}`];
  const run = (...words: string[]) =>
    world.run(["restore", "latest", "--dry-run", "--json", "--keys-from", file, ...words], {
      allow,
    });
  const countOf = ({ stdout, stderr }: { stdout: string; stderr: string }) => {
    assert.notEqual(stdout, "", stderr);
    return JSON.parse(stdout).copied;
  };
  await Deno.writeTextFile(file, "b/2.txt\n\nb/1.jpg");
  assert.equal(countOf(await run("--key", "a")), 3);
  await Deno.writeTextFile(file, "line\nend\0b/1.jpg\0");
  assert.equal(countOf(await run("-0")), 2);
  await Deno.writeFile(file, new Uint8Array([0x61, 0xff]));
  const broken = await run();
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /cannot read keys from .*: it is not UTF-8/);
  const denied = await world.run(["restore", "latest", "--keys-from", file]);
  assert.equal(denied.code, 1);
  assert.match(denied.stderr, /run again with --allow-read=/);
});

Deno.test("keys are read from standard input", async () => {
  await using world = await overwritten();
  const child = await world.start(["restore", "latest", "--keys-from", "-"], { stdin: "piped" });
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("a\nb/1.jpg\n"));
  await writer.close();
  const { code, stderr } = await resultOf(child);
  assert.equal(code, 0, stderr);
  assert.deepEqual(copied(world), ["a", "b/1.jpg"]);
});

Deno.test("a source of keys without any is wrong usage, whatever else is selected", async () => {
  await using world = await overwritten();
  const before = await world.state();
  for (const more of [[], ["--key=a"], ["--dry-run"]]) {
    const child = await world.start(["restore", "latest", "--keys-from", "-", ...more], {
      stdin: "piped",
    });
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("\n"));
    await writer.close();
    const { code, stdout, stderr } = await resultOf(child);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /no key came from standard input, and nothing was done: /);
  }
  assert.deepEqual(await world.state(), before);
});

Deno.test("a selection that selects nothing fails, with what keys look like", async () => {
  await using world = await overwritten();
  const before = await world.state();
  const refused = ["restore", "latest", "--prefix=c/"];
  for (const more of [[], ["--delete"], ["--dry-run"], ["--to-dir", join(world.dir, "files")]]) {
    const allow = [`--allow-read=${world.dir}`, `--allow-write=${world.dir}`];
    const { code, stdout, stderr } = await world.run([...refused, ...more], { allow });
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(
      stderr,
      /error: nothing is selected, and nothing was done: .* begins with "c\/",? .* 4 objects, such as "a"\n$/,
    );
  }
  assert.deepEqual(await world.state(), before);
  const { code, stderr } = await world.run([...refused, "--json"]);
  assert.deepEqual([code, JSON.parse(stderr).error.code], [1, "NothingSelected"]);
  assert.equal((await world.run([...refused, "--allow-empty"])).code, 0);
});

Deno.test("a prefix or a pattern that selects nothing beside others that do is warned of", async () => {
  await using world = await overwritten();
  const good = ["--prefix=b/", "--prefix=b/2", "--include=*.jpg", "--include=b/*"];
  const bad = ["--prefix=c/", "--prefix=b/3", "--include=*.jpq"];
  const dir = join(world.dir, "files");
  const allow = [`--allow-read=${dir}`, `--allow-write=${dir}`];
  const unmatched = { prefixes: ["c/", "b/3"], include: ["*.jpq"] };
  for (const more of [["--dry-run"], ["--dry-run", "-v"], ["--to-dir", dir], []]) {
    const { code, stdout, stderr } = await world.run(
      ["restore", "latest", "--json", ...good, ...bad, ...more],
      { allow },
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout).unmatched, unmatched);
    const warned = [...stderr.matchAll(/warning (--\S+) selects nothing/g)].map(([, what]) => what);
    assert.deepEqual(warned, ["--prefix=c/", "--prefix=b/3", "--include='*.jpq'"]);
  }
  const { stdout, stderr } = await world.run(["restore", "latest", "--json", ...good]);
  assert.deepEqual(JSON.parse(stdout).unmatched, { prefixes: [], include: [] });
  assert.doesNotMatch(stderr, /selects nothing/);
});

Deno.test("a restore of nothing with --delete is refused, and its undo is not", async () => {
  await using world = await CommandWorld.create();
  const empty = await world.snapshot();
  world.server.seed(world.bucket, [{ key: "a", body: "x" }]);
  const before = await world.state();
  for (const more of [[], ["--dry-run"]]) {
    const { code, stdout, stderr } = await world.run(["restore", empty, "--delete", ...more]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /holds nothing, so that every object of .* "a" first\..*\(--allow-empty,/);
  }
  assert.deepEqual(await world.state(), before);
  assert.equal((await world.run(["restore", empty, "--delete", "--allow-empty"])).code, 0);
  assert.deepEqual(await keysNow(world), []);

  world.server.createBucket("drill", { versioning: "Enabled" });
  world.server.seed(world.bucket, [{ key: "b", body: "y" }]);
  const id = await world.snapshot();
  const done = await world.run(["restore", id, "--to", world.url("drill")]);
  assert.deepEqual(await keysNow(world, "drill"), ["b"], done.stderr);
  const undo = /To undo it: backup-my-bucket (.*)\n$/.exec(done.stdout)![1]!;
  const words = undo.split(" ").map((word) => word.replace(/^'(.*)'$/, "$1"));
  const undone = await world.run(words, { source: null, store: null });
  assert.equal(undone.code, 0, undone.stderr);
  assert.deepEqual(await keysNow(world, "drill"), []);
});

Deno.test("a named key that the snapshot lacks is told, and the rest is done", async () => {
  await using world = await overwritten();
  const result = await world.run(["restore", "latest", "--key", "nowhere", "--key", "a"]);
  assert.equal(result.code, 3, result.stderr);
  assert.match(result.stdout, /1 {2}asked for by name, but not in the snapshot\n/);
  assert.match(result.stdout, / {2}nowhere: NotInSnapshot: it was asked for by name, /);
  assert.deepEqual(copied(world), ["a"]);
});

for (
  const [words, why] of [
    [["--null"], /--null says how --keys-from is read/],
    [["--keys-from", "/nonexistent/keys"], /cannot read keys from .*: there is no such file/],
    [["--key", ""], /"" is no key/],
    [["--include", "[a"], /"\[a" is no pattern for keys: a \[ has no \]/],
  ] as const
) {
  Deno.test(`restore ${words.join(" ")} is wrong usage, and changes nothing`, async () => {
    await using world = await overwritten();
    const before = await world.state();
    const allow = ["--allow-read=/nonexistent/keys"];
    const { code, stderr } = await world.run(["restore", "latest", ...words], { allow });
    assert.equal(code, 2, stderr);
    assert.match(stderr, why);
    assert.deepEqual(await world.state(), before);
  });
}
