/**
 * A driver for stores in a key-value service that is reached by HTTP, as many are. In a
 * configuration: `"drivers": { "kv": "./kv_store.ts" }`, and as the store of a set
 * `"kv://kv.example.com/photos/"`, the host and what all keys begin with. Its token is KV_TOKEN.
 *
 *     deno run --allow-read=$CONFIG,$CHECKOUT --allow-net=$S3,kv.example.com \
 *       --allow-env=$SDK,KV_TOKEN cli.ts snapshot --config $CONFIG
 *
 * README.md tells under "Permissions" what $S3 and $SDK stand for; $CHECKOUT is where this file and
 * what it imports are. What the service has to do: `PUT /KEY` is all or nothing and heeds
 * `If-None-Match: *`; `GET /KEY` answers with a Content-Length; `DELETE /KEY`; and
 * `GET /?prefix=P&after=KEY` gives `[{ "key", "size" }, ...]` in ascending order, `[]` at the end.
 */
// Outside of this repository, import from "jsr:@backup-my-bucket/backup-my-bucket/testing".
import { guardStore, InputError, type RawStore, StoreError } from "../testing.ts";
import type { OpenStoreOptions, SnapshotStore, StoreErrorCode } from "../testing.ts";

/** What statuses mean. All others that are no success: not now. */
const CODES: Readonly<Record<number, StoreErrorCode>> = {
  ...{ 401: "Denied", 403: "Denied", 404: "NotFound", 412: "AlreadyExists", 413: "NoSpace" },
};

/** Opens `kv://HOST/PREFIX/`. Without TLS only on this machine. */
export function openStore(url: string, { signal }: OpenStoreOptions = {}): Promise<SnapshotStore> {
  signal?.throwIfAborted();
  const [, host = "", prefix = ""] = /^kv:\/\/([\w.-]+(?::\d+)?)\/((?:[\w-]+\/)*)$/.exec(url) ?? [];
  if (!host) throw new InputError(`${url} is no kv://HOST/PREFIX/, nor kv://HOST/`);
  const protocol = /^(localhost|127\.0\.0\.1)(:|$)/.test(host) ? "http" : "https";
  return Promise.resolve(guardStore(rawStore(url, `${protocol}://${host}/`, prefix)));
}

function rawStore(url: string, base: string, prefix: string): RawStore {
  async function ask(path: string, init: RequestInit, alsoFine = 200): Promise<Response> {
    const headers = { ...init.headers, authorization: `Bearer ${Deno.env.get("KV_TOKEN")}` };
    const response = await fetch(base + path, { ...init, headers });
    if (response.ok || response.status === alsoFine) return response;
    await response.body?.cancel();
    const code = CODES[response.status] ?? "Unavailable", retryable = response.status >= 429;
    const message = `${init.method ?? "GET"} ${base}${path} gave status ${response.status}`;
    throw new StoreError(code, message, { retryable });
  }

  return {
    url,
    async put(name, chunks, { createOnly, signal }) {
      // Whole before it is sent, a few MiB: so what fails half-way is no torn request.
      const body = new Blob(await Array.fromAsync(chunks, (chunk) => chunk.slice()));
      const headers: HeadersInit = createOnly ? { "if-none-match": "*" } : {};
      await (await ask(prefix + name, { method: "PUT", headers, body, signal })).bytes();
    },
    async get(name, signal) {
      const { headers, body } = await ask(prefix + name, { signal });
      const reader = (body ?? new Blob([]).stream()).getReader();
      return {
        size: Number(headers.get("content-length")),
        read: async () => (await reader.read()).value,
        close: () => reader.cancel(),
      };
    },
    async *list(begin, signal) {
      for (let after = "";;) {
        const query = new URLSearchParams({ prefix: prefix + begin, after });
        const page = await (await ask(`?${query}`, { signal })).json();
        if (page.length === 0) return;
        for (const { key, size } of page) yield { name: key.slice(prefix.length), size };
        after = page.at(-1).key;
      }
    },
    async delete(name, signal) {
      await (await ask(prefix + name, { method: "DELETE", signal }, 404)).bytes();
    },
    toStoreError: (cause, what) =>
      new StoreError("Unavailable", `${what}: ${cause}`, { cause, retryable: true }),
    close: () => Promise.resolve(),
  };
}
