/** What an incoming webhook of a chat is, as far as a script can tell. */
export interface Webhook extends AsyncDisposable {
  /** Its secret URL. */
  readonly url: string;
  /** Name and port of its host. */
  readonly host: string;
  /** What was posted, parsed. */
  readonly posted: readonly { readonly text: string }[];
}

/** Starts one on loopback that answers with `status`. */
export function startWebhook(status = 200): Webhook {
  const posted: { readonly text: string }[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      if (request.headers.get("content-type") !== "application/json") {
        return new Response("invalid_payload", { status: 400 });
      }
      posted.push(await request.json());
      return new Response(status === 200 ? "ok" : "no_service", { status });
    },
  );
  const host = `127.0.0.1:${server.addr.port}`;
  return {
    url: `http://${host}/services/T00/B00/SECRET`,
    host,
    posted,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
