/**
 * Stands between the command and its S3 server, to act at the n-th request: so a test can kill or
 * stop a process at a moment that a seed decides, and let hours pass on the server's clock.
 */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that comes by. */
export interface ProxiedRequest {
  /** From 1. */
  readonly number: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

/** What a test does when a request comes by. */
export interface ProxyHooks {
  /** Before the server gets it, which waits for this. */
  readonly before?: (request: ProxiedRequest) => Promise<void> | void;
  /** When the server has done it, and before the client is told. */
  readonly after?: (request: ProxiedRequest) => Promise<void> | void;
}

/** A server on loopback that sends every request on, as it is. */
export class S3Proxy implements AsyncDisposable {
  /** What clients use in place of the server's own. */
  readonly endpoint: string;
  /** What happens at each request. */
  hooks: ProxyHooks = {};
  /** Requests since it was last set to 0. */
  count = 0;
  /** By how many milliseconds the server's clock seems to be ahead. */
  clockOffset = 0;
  readonly #server: ReturnType<typeof createServer>;
  readonly #target: URL;
  readonly #agent = new Agent({ keepAlive: true });

  private constructor(server: ReturnType<typeof createServer>, target: URL) {
    this.#server = server;
    this.#target = target;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (from, to) => {
      // A client that was killed takes its connection with it.
      this.#pass(from, to).catch(() => to.destroy());
    });
  }

  /** Listen, and send on to `endpoint`. */
  static async start(endpoint: string): Promise<S3Proxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new S3Proxy(server, new URL(endpoint));
  }

  async #pass(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const came = { number: ++this.count, method: from.method!, path: from.url! };
    await this.hooks.before?.(came);
    const answer = await this.#ask(from);
    await this.hooks.after?.(came);
    const headers = answer.rawHeaders.map((text, i) =>
      i % 2 === 1 && answer.rawHeaders[i - 1]!.toLowerCase() === "date" ? this.#shift(text) : text
    );
    to.writeHead(answer.statusCode!, headers);
    await new Promise<void>((resolve, reject) => {
      answer.on("error", reject).pipe(to).on("close", resolve).on("error", reject);
    });
  }

  /** The client's own headers, `Host` included: they are signed. */
  #ask(from: IncomingMessage): Promise<IncomingMessage> {
    const { hostname, port } = this.#target;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const onward = request({
      hostname,
      port,
      method: from.method!,
      path: from.url!,
      headers: from.rawHeaders,
      agent: this.#agent,
    }, resolve);
    onward.on("error", reject);
    from.on("error", reject).pipe(onward);
    return promise;
  }

  #shift(date: string): string {
    return new Date(Date.parse(date) + this.clockOffset).toUTCString();
  }

  /** Closes every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
