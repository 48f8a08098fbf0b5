/** Where the documents' command lines are run. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore } from "../../backends/open_store.ts";
import { snapshot } from "../../lib/snapshot.ts";
import { CommandWorld } from "../command_world.ts";
import { openEmulated } from "../emulated_bucket.ts";
import { denoDir } from "../command.ts";
import { PastedShell } from "./pasted_shell.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const HOUR = 3_600_000;
/** Hours ago at which objects were written; a snapshot was taken an hour after each but the last. */
const AGES = [24 * 40, 48, 24, 2];
const REPLICA = "photos-replica";
const DRILL = "drill-bucket";

/**
 * A set `photos` with a replica that is up to date, snapshots, an empty bucket for drills, somebody
 * who answers a ping, and a file that names a key; `backup-my-bucket` and `deno` are on the PATH.
 */
export class DocumentedWorld implements AsyncDisposable {
  readonly #world: CommandWorld;
  readonly #pinged: Deno.HttpServer<Deno.NetAddr>;

  private constructor(world: CommandWorld, pinged: Deno.HttpServer<Deno.NetAddr>) {
    this.#world = world;
    this.#pinged = pinged;
  }

  static async create(): Promise<DocumentedWorld> {
    const world = await CommandWorld.create();
    const pinged = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("heard\n"),
    );
    const made = new DocumentedWorld(world, pinged);
    await made.#fill();
    await made.#install();
    return made;
  }

  async #fill(): Promise<void> {
    const { server, bucket, store: path } = this.#world;
    for (const name of [REPLICA, DRILL]) server.createBucket(name, { versioning: "Enabled" });
    await using replica = openEmulated(server, REPLICA);
    await using store = await openStore(path);
    const now = Date.now();
    for (const age of AGES) {
      const lastModified = now - age * HOUR;
      const objects = ["2026/a.jpg", "2026/b.txt"].map((key) => ({ key, body: `${key} ${age}` }));
      for (const name of [bucket, REPLICA]) {
        server.seed(name, objects.map((object) => ({ ...object, lastModified })));
      }
      if (age === AGES.at(-1)) return;
      await snapshot({ bucket: replica, store, at: lastModified + HOUR });
    }
  }

  async #install(): Promise<void> {
    const { dir, server } = this.#world;
    const set = {
      source: this.#world.url(),
      replica: this.#world.url(REPLICA),
      store: "store",
      retention: { days: 30, minimumRedundancy: 2 },
    };
    const program = `#!/bin/sh\nexec '${Deno.execPath()}' run --quiet --no-check -A ` +
      `'${join(ROOT, "cli.ts")}' "$@"\n`;
    await Deno.writeTextFile(join(dir, "keys.txt"), "2026/a.jpg\n");
    await Deno.writeTextFile(
      join(dir, "backup-my-bucket.jsonc"),
      JSON.stringify({ sets: { photos: set } }),
    );
    await Deno.writeTextFile(join(dir, "backup-my-bucket"), program, { mode: 0o755 });
    // What is asked for again and again, the SDK shall not look for elsewhere.
    server.requests.clear();
  }

  /** A line as it is pasted here: with the reader's own names in place of the documents'. */
  fill(line: string): string {
    return PLACEHOLDERS.reduce(
      (text, [pattern, value]) => text.replace(pattern, value(this)),
      line,
    );
  }

  /** Bucket for drills. */
  get drill(): string {
    return this.#world.url(DRILL);
  }

  /** What is to be told that all is well. */
  get ping(): string {
    return `http://127.0.0.1:${this.#pinged.addr.port}/`;
  }

  /** A shell in the directory of the configuration. */
  async shell(): Promise<PastedShell> {
    const { dir, server } = this.#world;
    return await PastedShell.start(dir, {
      HOME: dir,
      PATH: `${dir}:${dirname(Deno.execPath())}:/usr/bin:/bin`,
      DENO_DIR: await denoDir(),
      NO_COLOR: "1",
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pinged.shutdown();
    await this.#world[Symbol.asyncDispose]();
  }
}

/** What stands for something of the reader's, and what it is here; in this order. */
const PLACEHOLDERS: readonly (readonly [RegExp, (world: DocumentedWorld) => string])[] = [
  // When cron does it, and as whom.
  [/^(?:[\d*]+\s+){5}backup\s+/, () => ""],
  [/\/usr\/local\/bin\//, () => ""],
  [/https:\/\/example\.com\/backup-my-bucket\//, () => ROOT],
  [/s3:\/\/drill-bucket\?region=\.\.\./, ({ drill }) => drill],
  [/\b(?:SNAPSHOT|THAT)\b/g, () => "latest"],
  [/--metrics FILE\b/, () => "--metrics told.prom"],
  [/\bFILE\b/, () => "keys.txt"],
  [/\bDIR\b/, () => "restored"],
  [/\bURL\b/, ({ ping }) => ping],
  [/\b(?:TIME|AGE)\b/, () => "3h"],
  // Named for itself, without a value.
  [/--at$/, () => "--at 3h"],
  [/\bmanifest\.json\b/, () => "$(ls -d store/*/manifest.json | head -n 1)"],
];
