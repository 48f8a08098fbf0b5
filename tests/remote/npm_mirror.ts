/**
 * An npm registry on loopback that hands out the packages which this machine's Deno has in its
 * cache already: an empty cache can so be filled by a test that reaches no other network.
 */
import { join } from "node:path";

/** A server on loopback. Disposing of it stops it. */
export interface NpmMirror extends AsyncDisposable {
  /** For `NPM_CONFIG_REGISTRY`. */
  readonly url: string;
}

/** What Deno keeps of a package's description, as far as it is changed here. */
interface PackageDescription {
  name?: string | undefined;
  "dist-tags": Record<string, string>;
  versions: Record<
    string,
    { name?: string; dist: { tarball: string; integrity?: string; shasum?: string } }
  >;
}

/** Serve the cache of the Deno that runs this. */
export async function serveNpmMirror(): Promise<NpmMirror> {
  const cache = await packageCache();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { origin, pathname } = new URL(request.url);
      const [name = "", version] = decodeURIComponent(pathname).slice(1).split("/-/");
      try {
        return version === undefined
          ? Response.json(await describe(cache, name, origin))
          : new Response(await pack(join(cache, name), version));
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        return new Response("not found\n", { status: 404 });
      }
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function packageCache(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  for await (const { name } of Deno.readDir(npmCache)) return join(npmCache, name);
  throw new Error(`${npmCache} holds no package`);
}

/** The checksums go: what is handed out is packed anew, to other bytes. */
async function describe(cache: string, name: string, origin: string): Promise<PackageDescription> {
  const description = await readDescription(join(cache, name));
  for (const [version, { dist }] of Object.entries(description.versions)) {
    dist.tarball = `${origin}/${name}/-/${version}`;
    delete dist.integrity;
    delete dist.shasum;
  }
  return description;
}

/** A package that a lock file names was fetched without asking what else there is of it. */
async function readDescription(directory: string): Promise<PackageDescription> {
  try {
    return JSON.parse(await Deno.readTextFile(join(directory, "registry.json")));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const versions: PackageDescription["versions"] = {};
  for await (const { name: version } of Deno.readDir(directory)) {
    const text = await Deno.readTextFile(join(directory, version, "package.json"));
    versions[version] = { ...JSON.parse(text), dist: { tarball: "" } };
  }
  const { name } = Object.values(versions)[0] ?? {};
  return { name, "dist-tags": {}, versions };
}

async function pack(directory: string, version: string): Promise<Uint8Array<ArrayBuffer>> {
  await Deno.stat(join(directory, version));
  const { success, stdout } = await new Deno.Command("tar", {
    args: ["-cz", `--transform=s,^${version},package,`, "-C", directory, version],
  }).output();
  if (!success) throw new Error(`${directory} cannot be packed`);
  return stdout;
}
