import type { ByteSource } from "../raw_store.ts";

/** Bytes read from a file at a time. */
const READ_BYTES = 256 * 1024;

/**
 * The bytes of the file at `path`. A small one is read at once: opening it, asking for its size,
 * reading and closing are one call of the system's then, where a store of many files pays for each.
 *
 * @param size How large it was when it was looked at.
 */
export async function openFile(path: string, size: number): Promise<ByteSource> {
  return size > READ_BYTES ? await FileSource.open(path) : new ReadFile(await Deno.readFile(path));
}

/** A file that was read. */
class ReadFile implements ByteSource {
  readonly size: number;
  #bytes: Uint8Array<ArrayBuffer> | undefined;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.size = bytes.length;
    if (bytes.length > 0) this.#bytes = bytes;
  }

  /** See {@linkcode ByteSource.read}. */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = this.#bytes;
    this.#bytes = undefined;
    return Promise.resolve(bytes);
  }

  /** See {@linkcode ByteSource.close}. */
  close(): Promise<void> {
    this.#bytes = undefined;
    return Promise.resolve();
  }
}

/** An open file. What replaces or deletes its name meanwhile changes nothing about it. */
class FileSource implements ByteSource {
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
