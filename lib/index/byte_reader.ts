import { Damage } from "./damage.ts";

/** From here on a number is put together by arithmetic: 32-bit operators would cut it. */
const FOURTH_BYTE_END = 0x10000000;

/** Reads the bytes of one section, and nothing outside it. */
export class ByteReader {
  /** All of the section. */
  readonly bytes: Uint8Array;
  /** Where the next read begins. */
  position = 0;

  /** Read `bytes`, from their start. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** A whole number from 0 to 2^53-1. @throws {Damage} when it is longer, or cut short */
  varint(): number {
    let byte = this.#next();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let factor = 0x80;
    do {
      byte = this.#next();
      // A number below 2^53 never needs a factor of 2^56.
      if (factor >= 0x100000000000000) throw new Damage("a number is longer than 53 bits");
      value = factor < FOURTH_BYTE_END
        ? value | ((byte & 0x7f) * factor)
        : value + (byte & 0x7f) * factor;
      factor *= 0x80;
    } while (byte >= 0x80);
    if (value > Number.MAX_SAFE_INTEGER) throw new Damage("a number is above 2^53-1");
    return value;
  }

  /** A number that may be at most `limit`. `name` says in a message what it counts. */
  varintUpTo(limit: number, name: string): number {
    const value = this.varint();
    if (value > limit) throw new Damage(`${name} is ${value}, more than ${limit}`);
    return value;
  }

  /** The next `length` bytes, not copied. @throws {Damage} when there are fewer */
  take(length: number): Uint8Array {
    const end = this.position + length;
    if (end > this.bytes.length) throw new Damage("a column runs past the end of its section");
    const taken = this.bytes.subarray(this.position, end);
    this.position = end;
    return taken;
  }

  /** Insist that everything was read. @throws {Damage} */
  end(): void {
    const left = this.bytes.length - this.position;
    if (left > 0) throw new Damage(`a section has ${left} bytes too many`);
  }

  #next(): number {
    if (this.position >= this.bytes.length) {
      throw new Damage("a column runs past the end of its section");
    }
    return this.bytes[this.position++]!;
  }
}
