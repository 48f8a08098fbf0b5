/** README.md's first real bucket, pasted line by line on a machine that has Deno and nothing else. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { readCode } from "./documented/commands.ts";
import { PastedShell } from "./documented/pasted_shell.ts";
import { serveCheckout } from "./remote/file_server.ts";
import { serveNpmMirror } from "./remote/npm_mirror.ts";
import { type TestServer, testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

/** What the README names that is the reader's own. */
const BUCKET = "s3://photos?region=eu-west-1";
const PUBLISHED = "https://example.com/backup-my-bucket";

async function walkthrough(): Promise<readonly string[]> {
  const { blocks } = await readCode("README.md");
  const found = blocks.find(({ place }) => place === 'README.md, "Your first real bucket"');
  assert(found, "README.md has no walk-through");
  return found.lines;
}

/** Deno, a shell and its tools, credentials; the home directory and all caches are empty. */
function bareEnvironment(server: TestServer, home: string, registry: string) {
  return {
    HOME: home,
    PATH: `${dirname(Deno.execPath())}:/usr/bin:/bin`,
    NO_COLOR: "1",
    NPM_CONFIG_REGISTRY: registry,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  };
}

Deno.test("the README's first real bucket works, pasted line by line on an empty machine", async () => {
  await using server = await testServer();
  const name = server.bucketName("walkthrough");
  await using bucket = await TestBucket.create(server, name);
  for (const key of ["spare", "changed", "untouched"]) await bucket.put(key, `the first ${key}`);
  const before = await bucket.contents();
  await using web = await serveCheckout();
  await using mirror = await serveNpmMirror();
  const machine = await Deno.makeTempDir();
  const [home, cwd] = [join(machine, "home"), join(machine, "empty")];
  await Promise.all([Deno.mkdir(home), Deno.mkdir(cwd)]);
  const printed = new Map<string, string>();
  try {
    await using shell = await PastedShell.start(cwd, bareEnvironment(server, home, mirror.url));
    for (const line of await walkthrough()) {
      if (line.startsWith("# Now have an accident")) {
        await bucket.remove("spare");
        await bucket.put("changed", "overwritten");
      }
      const url = `s3://${name}?region=${server.region}&endpoint=${server.endpoint}`;
      const pasted = line.replace(BUCKET, url).replace(PUBLISHED, web.url);
      const { code, output } = await shell.paste(pasted);
      assert.equal(code, 0, `${line}: ${output}`);
      printed.set(line.replace(/ +#.*/, ""), output);
    }
  } finally {
    await Deno.remove(machine, { recursive: true });
  }
  assert.deepEqual(await bucket.contents(), before);
  const said = (line: string) => printed.get(`backup-my-bucket ${line}`) ?? "";
  assert.match(said("list-snapshots"), /\bfirst\b/);
  assert.match(said("ls latest"), /untouched/);
  assert.match(said("diff latest"), /spare[^]*changed|changed[^]*spare/);
  assert.match(said("restore latest"), /backup-my-bucket restore \S+/);
  assert.match(said("gc --dry-run"), /kept/);
});
