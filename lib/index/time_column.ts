/** Times: the difference to the row before, in the largest unit that loses nothing. */
import type { ByteReader } from "./byte_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { Damage } from "./damage.ts";
import { MAX_BLOCK_ENTRIES, MAX_TIME } from "./limits.ts";

/** AWS lists whole seconds; others milliseconds. */
const UNITS = [1000, 1];

/** Collects the times of a block. */
export class TimeEncoder {
  readonly #times = new Float64Array(MAX_BLOCK_ENTRIES);
  #length = 0;

  /** Add one row. @throws {RangeError} when it is no whole number, or further than MAX_TIME */
  append(time: number): void {
    if (!Number.isInteger(time) || Math.abs(time) > MAX_TIME) {
      throw new RangeError(`a last-modified time of ${time} is not one that a snapshot can hold`);
    }
    this.#times[this.#length++] = time;
  }

  /** Write the block's times to `section` and start again. */
  finish(section: ByteWriter): void {
    const times = this.#times.subarray(0, this.#length);
    const unit = UNITS.find((unit) => times.every((time) => time % unit === 0))!;
    section.varint(unit);
    let previous = 0;
    for (let i = 0; i < times.length; i++) {
      const units = times[i]! / unit;
      const step = units - previous;
      section.varint(step < 0 ? -2 * step - 1 : 2 * step);
      previous = units;
    }
    this.#length = 0;
  }
}

/** Read the times of a block. @throws {Damage} when one is further than MAX_TIME */
export function decodeTimes(reader: ByteReader, entries: number): Float64Array {
  const unit = reader.varintUpTo(Math.max(...UNITS), "the unit of times");
  if (!UNITS.includes(unit)) throw new Damage(`there is no unit of times ${unit}`);
  const times = new Float64Array(entries);
  let units = 0;
  for (let i = 0; i < entries; i++) {
    const step = reader.varint();
    // The first step of a block is beyond 32 bits, where "%" would be a call.
    const half = Math.floor(step / 2);
    units += half * 2 === step ? half : -half - 1;
    const time = units * unit;
    if (!(time <= MAX_TIME && time >= -MAX_TIME)) throw new Damage("a time is out of range");
    times[i] = time;
  }
  return times;
}
