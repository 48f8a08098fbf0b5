/** A shell that lines are pasted into, one after the other. */

/** What a pasted line came to. */
export interface PastedResult {
  readonly code: number;
  /** Standard output and error, as they came. */
  readonly output: string;
}

/** A running bash. Disposing of it ends it. */
export class PastedShell implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<string>;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #piped: Promise<void>;
  /** Nothing that a program prints by chance. */
  readonly #end = `end-${crypto.randomUUID()}`;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    const encoder = new TextEncoderStream();
    this.#piped = encoder.readable.pipeTo(child.stdin);
    this.#input = encoder.writable.getWriter();
    this.#output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** @param env All that the shell knows of its surroundings */
  static async start(cwd: string, env: Readonly<Record<string, string>>): Promise<PastedShell> {
    const child = new Deno.Command("bash", {
      args: ["--noprofile", "--norc"],
      ...{ cwd, env: { ...env }, clearEnv: true },
      ...{ stdin: "piped", stdout: "piped", stderr: "inherit" },
    }).spawn();
    const shell = new PastedShell(child);
    await shell.#input.write("exec 2>&1\n");
    return shell;
  }

  /** Paste a line, and wait until it is done. */
  async paste(line: string): Promise<PastedResult> {
    // The programs of the line are not to take what is pasted next for their input.
    await this.#input.write(`{ :\n${line}\n} </dev/null\nprintf '%s %d\\n' ${this.#end} $?\n`);
    const end = new RegExp(`${this.#end} (\\d+)\\n`);
    let text = "";
    for (;;) {
      const { done, value } = await this.#output.read();
      if (done) throw new Error(`the shell ended: ${text}`);
      text += value;
      const found = end.exec(text);
      if (found) return { code: Number(found[1]), output: text.slice(0, found.index) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close();
    await this.#piped;
    await this.#output.cancel();
    await this.#child.status;
  }
}
