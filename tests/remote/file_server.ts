/** A checkout of this project behind plain HTTP, as any web server would hand it out. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a plain web server says of a file; one that knows no TypeScript says `text/plain`. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  ts: "text/plain",
};

/** A server on loopback. Disposing of it stops it. */
export interface FileServer extends AsyncDisposable {
  /** Without a `/` at its end. */
  readonly url: string;
  /** Paths that were asked for and are not there. */
  readonly missing: readonly string[];
}

/**
 * Serve the files that a clone would hold: those under version control, and those about to be.
 * What lies around in a work tree besides, nobody else has.
 */
export async function serveCheckout(): Promise<FileServer> {
  const files = await checkoutFiles();
  const missing: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const path = decodeURIComponent(new URL(request.url).pathname).slice(1);
      if (!files.has(path)) {
        missing.push(path);
        return new Response("not found\n", { status: 404 });
      }
      const type = CONTENT_TYPES[path.split(".").at(-1)!] ?? "text/plain";
      return new Response(await Deno.readFile(join(ROOT, path)), {
        headers: { "content-type": type },
      });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    missing,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function checkoutFiles(): Promise<ReadonlySet<string>> {
  const { success, stdout } = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error("git does not say which files belong to the checkout");
  return new Set(new TextDecoder().decode(stdout).split("\0"));
}
