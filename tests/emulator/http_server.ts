/**
 * The network side. Built on node:http and not on the faster Deno.serve, which cannot reset a
 * connection and which resolves `..` in a path before anyone sees it.
 */
import { Buffer } from "node:buffer";
import http from "node:http";
import type { Content } from "./content.ts";
import type { RawRequest } from "./request.ts";
import type { S3Response } from "./response.ts";
import type { Outcome } from "./service.ts";

/** A server that listens. */
export interface HttpServer {
  /** TCP port on 127.0.0.1. */
  readonly port: number;
  /**
   * Stops listening and ends every connection.
   *
   * @throws {AggregateError} when an answer could not be written for a reason of the server's own.
   */
  close(): Promise<void>;
}

/** How long an idle connection is kept, in milliseconds; longer than a client keeps its own. */
const IDLE_LIMIT = 600_000;

async function readBody(request: http.IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

async function readRequest(request: http.IncomingMessage): Promise<RawRequest> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  return {
    method: request.method ?? "GET",
    target: request.url ?? "/",
    headers,
    body: await readBody(request),
  };
}

function drained(response: http.ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    function done(): void {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    }
    response.on("drain", done);
    response.on("close", done);
  });
}

async function writeContent(response: http.ServerResponse, content: Content): Promise<void> {
  for (const chunk of content.chunks()) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response);
  }
}

function writeHead(response: http.ServerResponse, { status, headers, body }: S3Response): void {
  response.sendDate = false;
  const length = body === undefined ? {} : { "content-length": String(body.size) };
  const none = body === undefined && status !== 204 && status !== 304;
  response.writeHead(status, {
    ...headers,
    ...length,
    ...(none ? { "content-length": "0" } : {}),
  });
}

async function writeOutcome(
  method: string,
  response: http.ServerResponse,
  { response: answer, failure }: Outcome,
): Promise<void> {
  const size = answer.body?.size ?? 0;
  if (failure === "reset" || (failure === "cut-body" && (size === 0 || method === "HEAD"))) {
    response.socket?.resetAndDestroy();
    return;
  }
  writeHead(response, answer);
  if (answer.body && method !== "HEAD") {
    const sent = failure === "cut-body" ? Math.floor(size / 2) : size;
    await writeContent(response, answer.body.slice(0, sent));
  }
  // The end of the socket comes after the bytes that were written to it, and instead of the rest.
  if (failure === "cut-body") response.socket?.end();
  else response.end();
}

/** Listens on 127.0.0.1 and hands each request to `answer`. */
export function listen(
  port: number,
  answer: (request: RawRequest) => Promise<Outcome>,
): Promise<HttpServer> {
  const defects: unknown[] = [];
  const server = http.createServer((request, response) => {
    readRequest(request)
      .then(answer)
      .then((outcome) => writeOutcome(request.method ?? "GET", response, outcome))
      .catch((error: unknown) => {
        // A client may go away in the middle. Anything else is a defect that must come to light.
        if (request.complete && !response.destroyed && !isReset(error)) defects.push(error);
        response.destroy();
      });
  });
  server.keepAliveTimeout = IDLE_LIMIT;
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new TypeError("no TCP address");
      resolve({ port: address.port, close: () => close(server, defects) });
    });
  });
}

/** What reading a request comes to when its client has gone away. */
function isReset(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, "code") === "ECONNRESET";
}

async function close(server: http.Server, defects: readonly unknown[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.close((error) => error ? reject(error) : resolve());
    server.closeAllConnections();
  });
  if (defects.length > 0) throw new AggregateError(defects, "the S3 server could not answer");
}
