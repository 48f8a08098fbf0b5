/** A module of the project. Paths are relative to the project's folder. */
export interface Module {
  readonly path: string;
  /** Paths of the project's modules that it imports, dynamic and type imports included. */
  readonly imports: readonly string[];
  /** Specifiers of npm packages that it imports, as written. */
  readonly packages: readonly string[];
}

interface DenoInfo {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

/** Read the graph of every TypeScript file below `root`, which ends with a slash. */
export async function readModuleGraph(root: URL): Promise<Module[]> {
  const modules = new Map<string, Module>();
  for (const file of await typeScriptFiles(root)) {
    if (modules.has(file)) continue;
    for (const module of (await denoInfo(root, file)).modules) {
      if (!module.specifier.startsWith(root.href)) continue;
      const path = module.specifier.slice(root.href.length);
      modules.set(path, describe(path, module.dependencies ?? [], root.href));
    }
  }
  return [...modules.values()];
}

function describe(
  path: string,
  dependencies: NonNullable<DenoInfo["modules"][number]["dependencies"]>,
  prefix: string,
): Module {
  const imports = dependencies
    .map(({ code, type }) => code?.specifier ?? type?.specifier)
    .filter((target) => target?.startsWith(prefix))
    .map((target) => target!.slice(prefix.length));
  const packages = dependencies
    .map(({ specifier }) => specifier)
    .filter((specifier) => specifier.startsWith("npm:"));
  return { path, imports, packages };
}

async function typeScriptFiles(root: URL, folder = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const item of Deno.readDir(new URL(folder || ".", root))) {
    if (item.name.startsWith(".") || item.name === "node_modules") continue;
    const path = folder + item.name;
    if (item.isDirectory) files.push(...await typeScriptFiles(root, `${path}/`));
    else if (item.name.endsWith(".ts")) files.push(path);
  }
  return files.sort();
}

async function denoInfo(root: URL, file: string): Promise<DenoInfo> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", file],
    cwd: root,
  }).output();
  if (!success) throw new Error(`deno info ${file}: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
