/** A bucket on an embedded S3, a store, and the command run on both as documented. */
import { join } from "node:path";
import { openStore } from "../backends/open_store.ts";
import { openBucket } from "../lib/s3/bucket.ts";
import { snapshot } from "../lib/snapshot.ts";
import { type Emulator, type EmulatorOptions, startEmulator } from "./emulator/emulator.ts";
import {
  type CommandResult,
  documentedFlags,
  documentedValue,
  resultOf,
  startCommand,
} from "./command.ts";

/** How a command is run here. */
export interface WorldRunOptions {
  /** Besides the documented flags. */
  readonly allow?: readonly string[];
  /** Besides the server's keys. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: nothing. */
  readonly stdin?: "null" | "piped";
  /** Default: the world's. Null leaves the option out. */
  readonly store?: string | null;
  /** Default: the world's. Null leaves the option out. */
  readonly source?: string | null;
}

/** Commands that take a bucket; the rest work on the store alone. */
const WITH_BUCKET = ["snapshot", "sync", "restore", "gc", "delete", "pin", "unpin", "unlock"];

/** One test's surroundings. */
export class CommandWorld implements AsyncDisposable {
  readonly server: Emulator;
  /** An empty directory; the store and all else that a test writes lie in it. */
  readonly dir: string;
  readonly bucket: string = "photos";

  private constructor(server: Emulator, dir: string) {
    this.server = server;
    this.dir = dir;
  }

  /** With a versioned bucket `photos`, empty. */
  static async create(options?: EmulatorOptions): Promise<CommandWorld> {
    const world = new CommandWorld(await startEmulator(options), await Deno.makeTempDir());
    world.server.createBucket(world.bucket, { versioning: "Enabled" });
    await Deno.mkdir(world.store);
    return world;
  }

  /** Where the snapshots are. */
  get store(): string {
    return join(this.dir, "store");
  }

  /** A bucket's URL. */
  url(bucket: string = this.bucket): string {
    return `s3://${bucket}?region=${this.server.region}&endpoint=${this.server.url}`;
  }

  /** Start a command under exactly the documented permissions, and those in `allow`. */
  async start(args: readonly string[], options: WorldRunOptions = {}): Promise<Deno.ChildProcess> {
    const { store = this.store, source = this.url(), allow = [], env, stdin } = options;
    const command = args[0] ?? "";
    const more = [
      ...(store === null ? [] : ["--store", store]),
      ...(source === null || !WITH_BUCKET.includes(command) ? [] : ["--source", source]),
    ];
    const documented = await Promise.all(
      (await documentedFlags(command)).map((flag) => this.fill(flag)),
    );
    return await startCommand([...args, ...more], {
      allow: [...documented, ...allow],
      ...(stdin && { stdin }),
      env: {
        AWS_ACCESS_KEY_ID: this.server.accessKeyId,
        AWS_SECRET_ACCESS_KEY: this.server.secretAccessKey,
        ...env,
      },
    });
  }

  /** Run a command to its end. */
  async run(args: readonly string[], options?: WorldRunOptions): Promise<CommandResult> {
    return await resultOf(await this.start(args, options));
  }

  /** The world's values in place of `$NAME`s. */
  async fill(text: string): Promise<string> {
    const values: Record<string, string> = {
      STORE: this.store,
      SOURCE: this.url(),
      REPLICA: this.url(`${this.bucket}-replica`),
      S3: new URL(this.server.url).host,
      SDK: await documentedValue("SDK"),
    };
    return text.replace(/\$([A-Z0-9]+)/g, (whole, name) => values[name] ?? whole);
  }

  /** Take a snapshot without the command, which is faster. @returns Its id */
  async snapshot(options: { readonly label?: string; readonly at?: number } = {}): Promise<string> {
    const { accessKeyId, secretAccessKey } = this.server;
    await using bucket = openBucket(this.url(), { credentials: { accessKeyId, secretAccessKey } });
    await using store = await openStore(this.store);
    return (await snapshot({ bucket, store, ...options })).id;
  }

  /** What S3 and the store hold, to see whether something was changed. */
  async state(): Promise<unknown> {
    const writes = this.server.requests.all.filter(({ method, operation }) =>
      method !== "GET" && method !== "HEAD" && operation !== "Unknown"
    );
    const files: string[] = [];
    for await (const file of filesBelow(this.store)) {
      // Who held the lock last says nothing about what the store holds.
      if (!file.includes('"released": true')) files.push(file);
    }
    return { writes: writes.length, files: files.sort() };
  }

  /** Ends the server and removes the directory. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.dir, { recursive: true });
  }
}

async function* filesBelow(dir: string): AsyncGenerator<string> {
  try {
    for await (const { name, isDirectory } of Deno.readDir(dir)) {
      if (isDirectory) yield* filesBelow(join(dir, name));
      else yield `${join(dir, name)} ${await Deno.readTextFile(join(dir, name))}`;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
