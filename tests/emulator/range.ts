/** Which bytes a read asks for: by Range or by part number. */
import { S3Error } from "./errors.ts";
import type { StoredObject } from "./object_version.ts";

/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  /** First byte. */
  readonly start: number;
  /** One past the last byte. */
  readonly end: number;
}

/**
 * The range that is asked for; undefined means the whole object, as does a Range header that
 * cannot be understood.
 *
 * @throws {S3Error} InvalidRange, InvalidPartNumber or InvalidRequest.
 */
export function selectRange(
  object: StoredObject,
  asked: { readonly range: string | undefined; readonly partNumber: string | undefined },
): ByteRange | undefined {
  if (asked.partNumber === undefined) return parseRange(asked.range, object.content.size);
  if (asked.range !== undefined) {
    throw new S3Error("InvalidRequest", {}, {
      message: "Cannot specify both Range header and partNumber query parameter",
    });
  }
  return partRange(object, asked.partNumber);
}

function parseRange(range: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range ?? "");
  if (!match) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return undefined;
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  const start = first === "" ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(Number(last) + 1, size);
  if (start >= end) {
    throw new S3Error("InvalidRange", {
      RangeRequested: range ?? "",
      ActualObjectSize: String(size),
    }, { headers: { "content-range": `bytes */${size}` } });
  }
  return { start, end };
}

function partRange(object: StoredObject, partNumber: string): ByteRange {
  const number = Number(partNumber);
  if (!/^\d+$/.test(partNumber) || number < 1 || number > 10_000) {
    throw new S3Error("InvalidArgument", {
      ArgumentName: "partNumber",
      ArgumentValue: partNumber,
    }, { message: "Part number must be an integer between 1 and 10000, inclusive" });
  }
  // A client counts the parts from 1 to x-amz-mp-parts-count, whatever numbers they were given.
  const parts = object.parts ?? [{ size: object.content.size }];
  const part = parts[number - 1];
  if (!part) {
    throw new S3Error("InvalidPartNumber", {
      PartNumberRequested: partNumber,
      ActualPartCount: String(parts.length),
    });
  }
  const start = parts.slice(0, number - 1).reduce((sum, { size }) => sum + size, 0);
  return { start, end: start + part.size };
}
