/** S3 requests by hand, signed with Signature Version 4, for what an SDK hides or refuses to send. */
import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";

/** Where a server is, and who may speak to it. */
export interface ServerAddress {
  /** `http://127.0.0.1:PORT`, without a trailing slash. Path-style addressing. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What to send. */
export interface SignedRequest {
  /** Default `GET`. */
  readonly method?: string;
  /** Sent as it stands, so already percent-encoded: `/bucket/` and {@linkcode encodeKey}. */
  readonly path: string;
  /** Unencoded; a subresource such as `versions` has the value `""`. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The time of signing; default now. */
  readonly date?: Date;
  /** Changes the signature after it was made, for tests of its verification. */
  readonly forge?: (signature: string) => string;
}

/** What came back. */
export interface SignedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** The body read as UTF-8. */
  readonly text: string;
  /** The text of `<Code>` in an error document, else `undefined`. */
  readonly code: string | undefined;
}

/**
 * Sends one request on a connection of its own.
 *
 * `node:http` and not `fetch`, which would fold a key's `..` and `//` away.
 *
 * @throws {Error} When there is no complete HTTP answer.
 */
export function signedRequest(
  server: ServerAddress,
  request: SignedRequest,
): Promise<SignedAnswer> {
  const { hostname, port } = new URL(server.endpoint);
  const headers = sign(server, request);
  const query = canonicalQuery(request.query ?? {});
  const path = query ? `${request.path}?${query}` : request.path;
  return new Promise((resolve, reject) => {
    const options = {
      hostname,
      port,
      path,
      method: request.method ?? "GET",
      headers,
      agent: false,
    };
    const outgoing = httpRequest(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const status = incoming.statusCode ?? 0;
        resolve(toAnswer(status, incoming.headers, Buffer.concat(chunks)));
      });
    });
    outgoing.on("error", reject);
    outgoing.end(request.body);
  });
}

/** A key in a request's path: every byte encoded but `A-Za-z0-9-._~/`, as the signature wants. */
export function encodeKey(key: string): string {
  return key.split("/").map(encode).join("/");
}

function toAnswer(
  status: number,
  received: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
): SignedAnswer {
  const headers = new Headers();
  for (const [name, value] of Object.entries(received)) headers.set(name, String(value));
  const text = body.toString("utf8");
  return { status, headers, body, text, code: /<Code>(.*?)<\/Code>/.exec(text)?.[1] };
}

/** All headers of the request, `authorization` included. */
function sign(server: ServerAddress, request: SignedRequest): Record<string, string> {
  const body = request.body ?? "";
  const time = (request.date ?? new Date()).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/${server.region}/s3/aws4_request`;
  const headers: Record<string, string> = {
    host: new URL(server.endpoint).host,
    "content-length": String(Buffer.byteLength(body)),
    "x-amz-content-sha256": createHash("sha256").update(body).digest("hex"),
    "x-amz-date": time,
  };
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    headers[name.toLowerCase()] = value;
  }
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method ?? "GET",
    request.path,
    canonicalQuery(request.query ?? {}),
    ...names.map((name) => `${name}:${headers[name]!.trim()}`),
    "",
    names.join(";"),
    headers["x-amz-content-sha256"],
  ].join("\n");
  const hash = createHash("sha256").update(canonical).digest("hex");
  const toSign = ["AWS4-HMAC-SHA256", time, scope, hash].join("\n");
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${server.secretAccessKey}`);
  const signature = hmac(key, toSign).toString("hex");
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${server.accessKeyId}/${scope}, ` +
    `SignedHeaders=${names.join(";")}, Signature=${request.forge?.(signature) ?? signature}`;
  return headers;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function canonicalQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
}

/** As RFC 3986 has it; `encodeURIComponent` leaves five characters more. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => "%" + char.charCodeAt(0).toString(16).toUpperCase(),
  );
}
