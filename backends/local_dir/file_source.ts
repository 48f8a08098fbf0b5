import type { ByteSource } from "../raw_store.ts";

/** Bytes read from a file at a time. */
const READ_BYTES = 256 * 1024;

/** An open file. What replaces or deletes its name meanwhile changes nothing about it. */
export class FileSource implements ByteSource {
  readonly size: number;
  readonly #file: Deno.FsFile;
  #left: number;
  #reading: Promise<unknown> = Promise.resolve();

  private constructor(file: Deno.FsFile, size: number) {
    this.#file = file;
    this.size = size;
    this.#left = size;
  }

  /** Open the file at `path`. */
  static async open(path: string): Promise<FileSource> {
    const file = await Deno.open(path, { read: true });
    try {
      return new FileSource(file, (await file.stat()).size);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** See {@linkcode ByteSource.read}. */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#left === 0) return;
    const buffer = new Uint8Array(Math.min(this.#left, READ_BYTES));
    const reading = this.#file.read(buffer);
    this.#reading = reading;
    const length = await reading;
    if (length === null) return;
    this.#left -= length;
    return buffer.subarray(0, length);
  }

  /** See {@linkcode ByteSource.close}. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#reading]);
    this.#file.close();
  }
}
