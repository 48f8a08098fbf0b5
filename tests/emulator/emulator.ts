/** An S3 server inside the process, in memory: for demonstrations, tests and benchmarks. */
import type { Bucket } from "./bucket.ts";
import type { Faults } from "./faults.ts";
import { type HttpServer, listen } from "./http_server.ts";
import type { Replicator } from "./replication.ts";
import type { RequestLog } from "./request_log.ts";
import { Service } from "./service.ts";
import { type EmulatorOptions, resolveOptions } from "./settings.ts";
import { State } from "./state.ts";

export type { EmulatorOptions } from "./settings.ts";

/** A running server. Disposing of it ends every connection and forgets every object. */
export interface Emulator extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; clients use it in path style. */
  readonly url: string;
  /** The first of the credentials. */
  readonly accessKeyId: string;
  /** The first of the credentials. */
  readonly secretAccessKey: string;
  /** Where buckets live unless they say otherwise. */
  readonly region: string;
  /** What was asked of the server. */
  readonly requests: RequestLog;
  /** What goes wrong. */
  readonly faults: Faults;
  /** Carries versions between buckets. */
  readonly replication: Replicator;
  /** The buckets themselves, by name, to look into. */
  readonly buckets: ReadonlyMap<string, Bucket>;
}

/**
 * Starts a server on 127.0.0.1.
 *
 * @example
 * ```ts ignore
 * await using s3 = await startEmulator({ seed: 7 });
 * s3.faults.add({ kind: "slowdown", operation: "CopyObject", times: 3 });
 * ```
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const settings = resolveOptions(options);
  const [first] = settings.credentials;
  if (!first) throw new TypeError("an emulator needs at least one credential");
  const [accessKeyId, { secretAccessKey }] = first;
  const state = new State(settings);
  const service = new Service(state);
  const server: HttpServer = await listen(settings.port, (raw) => service.answer(raw));
  return {
    url: `http://127.0.0.1:${server.port}`,
    accessKeyId,
    secretAccessKey,
    region: settings.region,
    requests: service.requests,
    faults: service.faults,
    replication: state.replicator,
    buckets: state.buckets,
    async [Symbol.asyncDispose](): Promise<void> {
      state.replicator.stop();
      await server.close();
    },
  };
}
