/**
 * Every function of mod.ts has an example in its doc comment, and every example is run: type-checked
 * as it stands, with a source, its replica and a store that hold two points.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as library from "../mod.ts";
import { assertNoneAdded, checkoutFiles } from "./documented/checkout_files.ts";
import { startEmulator } from "./emulator/emulator.ts";

const MOD = new URL("../mod.ts", import.meta.url);
/** Where an example finds what it works with. */
const GIVEN = "__examples";

/** All others are the one that holds the points. */
const SECOND_STORE = "sqlite:///mnt/safe/photos.db";

/** Nobody else writes here, so the end of a second need not be waited for. */
const delay = () => Promise.resolve();

interface Example {
  readonly name: string;
  readonly code: string;
}

/** As `deno doc --json` describes what is exported. */
interface DocSymbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly jsDoc?: {
      readonly tags?: readonly { readonly kind: string; readonly doc?: string }[];
    };
  }[];
}

/** The examples of what mod.ts exports, each once, and the functions that have none. */
async function readExamples(): Promise<{ examples: Example[]; without: string[] }> {
  const { nodes } = JSON.parse(await deno(["doc", "--json", fileURLToPath(MOD)]));
  const symbols: DocSymbol[] = Object.values(nodes as Record<string, { symbols: DocSymbol[] }>)
    .flatMap(({ symbols }) => symbols);
  const examples: Example[] = [], without: string[] = [];
  for (const { name, declarations } of symbols) {
    for (const { kind, jsDoc } of declarations) {
      const found = (jsDoc?.tags ?? []).filter((tag) => tag.kind === "example")
        .flatMap(({ doc = "" }) => [...doc.matchAll(/```ts.*\n([^]*?)```/g)])
        .map(([, code]) => ({ name, code: withoutImports(code!) }));
      examples.push(...found);
      if (kind === "function" && found.length === 0) without.push(name);
    }
  }
  return { examples, without };
}

async function deno(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args] })
    .output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

function withoutImports(code: string): string {
  return code.replace(/^import [^;]*;\n/gm, "");
}

/** Relative paths are of there: other test files run in this process, so it goes nowhere else. */
function withPathsIn(directory: string, code: string): string {
  return code.replaceAll('"./', `"${directory}/`);
}

/** A module of an example, in which all that mod.ts exports and all that is given has a name. */
function moduleOf(code: string): string {
  const functions = Object.keys(library).filter((name) =>
    !["openBucket", "openStore"].includes(name) && new RegExp(`\\b${name}\\b`).test(code)
  );
  return `import type * as library from ${JSON.stringify(MOD.href)};
import { ${functions.join(", ")} } from ${JSON.stringify(MOD.href)};
interface Given {
  readonly source: library.Bucket;
  readonly replica: library.Bucket;
  readonly store: library.SnapshotStore;
  readonly openBucket: typeof library.openBucket;
  readonly openStore: typeof library.openStore;
}
const given: Given = Reflect.get(globalThis, ${JSON.stringify(GIVEN)});
const { source, replica, store, openBucket, openStore } = given;
{
${code}
}
void [source, replica, store, openBucket, openStore];
`;
}

/** What an example works with; a bucket or a store that it opens itself is one of these, too. */
async function openGiven(directory: string) {
  const stack = new AsyncDisposableStack();
  const emulator = stack.use(await startEmulator());
  const { accessKeyId, secretAccessKey } = emulator;
  const openBucket: typeof library.openBucket = (url) => {
    const { bucket } = typeof url === "string" ? library.parseBucketUrl(url) : url;
    return library.openBucket(`s3://${bucket}?endpoint=${emulator.url}&region=us-east-1`, {
      credentials: { accessKeyId, secretAccessKey },
    });
  };
  const openStore = (url?: string) =>
    library.openStore(join(directory, url === SECOND_STORE ? "second" : "store"));
  for (const name of ["photos", "photos-replica"]) {
    emulator.createBucket(name, { versioning: "Enabled" });
  }
  const source = stack.use(openBucket("s3://photos"));
  const replica = stack.use(openBucket("s3://photos-replica"));
  const store = stack.use(await openStore());
  for (const body of ["one", "two"]) {
    emulator.seed("photos", [{ key: "2026/a.jpg", body }]);
    await library.sync({ source, replica, delay });
    await library.snapshot({ bucket: replica, store, delay });
  }
  const given = { source, replica, store, openBucket, openStore };
  return { given, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

Deno.test("every function of the library has an example that runs", async (t) => {
  const before = await checkoutFiles();
  const { examples, without } = await readExamples();
  assert.deepEqual(without, [], "without an example");
  const directory = await Deno.makeTempDir();
  const silent = { ...console };
  try {
    const own = examples.map(({ name }, i) => join(directory, `${i}_${name}`));
    const modules = own.map((each) => join(each, "example.ts"));
    for (const [i, { code }] of examples.entries()) {
      await Deno.mkdir(own[i]!);
      await Deno.writeTextFile(modules[i]!, moduleOf(withPathsIn(own[i]!, code)));
    }
    await deno(["check", "--quiet", ...modules]);
    for (const [i, { name }] of examples.entries()) {
      await t.step(name, async () => {
        await using opened = await openGiven(own[i]!);
        Reflect.set(globalThis, GIVEN, opened.given);
        console.log = console.error = () => {};
        try {
          await import(new URL(`file://${modules[i]}`).href);
        } finally {
          Object.assign(console, silent);
        }
      });
    }
  } finally {
    Reflect.deleteProperty(globalThis, GIVEN);
    await Deno.remove(directory, { recursive: true });
  }
  await assertNoneAdded(before);
});
