import { BackupError, InputError } from "../model/errors.ts";
import { type NameRules, UNFINISHED } from "./key_path.ts";

/** A name that file systems may show in other ways. */
const PROBE = `${UNFINISHED}é-part-`;

/** A directory that files are put below, and nowhere else. */
export class TargetDirectory implements AsyncDisposable {
  readonly rules: NameRules;
  /** Undefined where there is none, for a look only. */
  readonly #root: string | undefined;
  /** Where files are written before they get their names; undefined for a look only. */
  readonly #unfinished: string | undefined;
  /** Names of the folders that were looked at last, each in the one before. */
  readonly #entered: string[] = [];
  #count = 0;

  private constructor(root: string | undefined, unfinished?: string, rules?: NameRules) {
    this.#root = root;
    this.#unfinished = unfinished;
    this.rules = rules ?? { isFolding: Deno.build.os === "darwin" || Deno.build.os === "windows" };
  }

  /** Make the directory where it is not there, and remove what a run that was killed left in it. */
  static async open(path: string): Promise<TargetDirectory> {
    try {
      await Deno.mkdir(path, { recursive: true });
      const root = await Deno.realPath(path);
      for await (const { name, isDirectory } of Deno.readDir(root)) {
        // Whoever else puts something here may call it nearly so.
        const isOurs = isDirectory && name.normalize("NFC").startsWith(PROBE);
        if (isOurs) await Deno.remove(`${root}/${name}`, { recursive: true });
      }
      const unfinished = await Deno.makeTempDir({ dir: root, prefix: PROBE });
      const rules = { isFolding: await isFolding(unfinished) };
      return new TargetDirectory(root, unfinished, rules);
    } catch (cause) {
      throw unusable(path, cause);
    }
  }

  /** Look at a directory that may not be there, and change nothing. */
  static async look(path: string): Promise<TargetDirectory> {
    try {
      const info = await statIfThere(path);
      if (info && !info.isDirectory) throw new Error("it is no directory");
      return new TargetDirectory(info && await Deno.realPath(path));
    } catch (cause) {
      throw unusable(path, cause);
    }
  }

  /**
   * The path of a file in a folder, which is made where it is not there; undefined where it is not
   * and only a look is wanted. No symbolic link is followed.
   *
   * @param names Of the folders, and last of the file.
   * @throws {BackupError} `InTheWay` when something else than a folder stands where one has to be
   */
  async pathOf(names: readonly string[]): Promise<string | undefined> {
    if (this.#root === undefined) return;
    const folders = names.slice(0, -1), entered = this.#entered;
    let depth = 0;
    while (depth < entered.length && entered[depth] === folders[depth]) depth++;
    entered.length = depth;
    for (const name of folders.slice(depth)) {
      if (!await this.#enter([this.#root, ...entered, name].join("/"))) return;
      entered.push(name);
    }
    return [this.#root, ...names].join("/");
  }

  async #enter(path: string): Promise<boolean> {
    const info = await lstatIfThere(path);
    if (info?.isDirectory) return true;
    if (info) {
      throw new BackupError(
        "InTheWay",
        `${path} is no folder, and one is needed there: remove it, or choose another directory`,
      );
    }
    if (this.#unfinished === undefined) return false;
    await Deno.mkdir(path);
    return true;
  }

  /** A path of its own for a file that is not finished. */
  unfinishedPath(): string {
    return `${this.#unfinished}/${this.#count++}`;
  }

  /** Removes what is not finished. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#unfinished !== undefined) await Deno.remove(this.#unfinished, { recursive: true });
  }
}

/** What stands there, itself and not what it links to; undefined where nothing does. */
export async function lstatIfThere(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
}

async function statIfThere(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
}

/** Whether a directory is found by another case, or by characters composed in another way. */
async function isFolding(path: string): Promise<boolean> {
  const at = path.lastIndexOf(PROBE);
  const variants = [PROBE.toUpperCase(), PROBE.normalize("NFD")];
  for (const variant of variants) {
    if (await lstatIfThere(path.slice(0, at) + variant + path.slice(at + PROBE.length))) {
      return true;
    }
  }
  return false;
}

function unusable(path: string, cause: unknown): unknown {
  if (cause instanceof Deno.errors.NotCapable) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InputError(`cannot download to ${path}: ${reason}`, { cause });
}
