/** A key-value service on loopback, as examples/kv_store.ts asks for. */

/** Keys that a page of a list holds: few, so that there are several. */
const PAGE = 3;

/** A running service. */
export interface KvService extends AsyncDisposable {
  /** Name and port of its host. */
  readonly host: string;
  /** What it holds. */
  readonly values: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** Starts one that lets in who has the token. */
export function startKvService(token: string): KvService {
  const values = new Map<string, Uint8Array<ArrayBuffer>>();
  const server = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      onListen: () => {},
      onError: () => new Response(null, { status: 500 }),
    },
    async (request) => {
      if (request.headers.get("authorization") !== `Bearer ${token}`) return status(403);
      const url = new URL(request.url), key = decodeURIComponent(url.pathname.slice(1));
      if (key === "") return list(values, url.searchParams);
      if (request.method === "PUT") return await put(values, key, request);
      const value = values.get(key);
      if (!value) return status(404);
      if (request.method !== "DELETE") return new Response(value);
      values.delete(key);
      return status(204);
    },
  );
  const host = `127.0.0.1:${server.addr.port}`;
  return { host, values, [Symbol.asyncDispose]: () => server.shutdown() };
}

async function put(values: Map<string, Uint8Array>, key: string, request: Request) {
  const value = await request.bytes();
  if (request.headers.get("if-none-match") === "*" && values.has(key)) return status(412);
  values.set(key, value);
  return status(204);
}

function list(values: ReadonlyMap<string, Uint8Array>, query: URLSearchParams): Response {
  const prefix = query.get("prefix") ?? "", after = query.get("after") ?? "";
  const keys = [...values.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  return Response.json(keys.slice(0, PAGE).map((key) => ({ key, size: values.get(key)!.length })));
}

function status(code: number): Response {
  return new Response(null, { status: code });
}
