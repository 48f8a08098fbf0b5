/** Whoever read the result went away, as `head` does once it has seen enough. */
export class OutputClosed extends Error {
  /** The class, as it stands in a stack trace. */
  override readonly name = "OutputClosed";
}

/** Text is collected to so many characters before it is written. */
const BUFFER_SIZE = 64 * 1024;

const encoder = new TextEncoder();

/** A stream of bytes, such as `Deno.stdout`. */
export interface ByteWriter {
  write(bytes: Uint8Array): Promise<number>;
}

/** stdout: the result of a command, and nothing else. */
export class Output {
  readonly #writer: ByteWriter;
  #buffer = "";

  /** Writes there. */
  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  /** Write text. @throws {OutputClosed} when nobody reads it any more */
  async write(text: string): Promise<void> {
    this.#buffer += text;
    if (this.#buffer.length >= BUFFER_SIZE) await this.flush();
  }

  /** Write a value as a line of JSON. @throws {OutputClosed} when nobody reads it any more */
  async writeJson(value: unknown): Promise<void> {
    await this.write(JSON.stringify(value) + "\n");
  }

  /** Hand over what was collected. @throws {OutputClosed} when nobody reads it any more */
  async flush(): Promise<void> {
    let rest = encoder.encode(this.#buffer);
    this.#buffer = "";
    try {
      while (rest.length > 0) rest = rest.subarray(await this.#writer.write(rest));
    } catch (cause) {
      if (cause instanceof Deno.errors.BrokenPipe) throw new OutputClosed("closed", { cause });
      throw cause;
    }
  }
}
