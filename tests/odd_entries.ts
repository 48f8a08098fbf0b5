import type { Entry } from "../lib/model/entry.ts";

const DIGITS = "0123456789";
const HEX = `${DIGITS}abcdef`;
const LETTERS = `${DIGITS}ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz`;

/** What is odd about entries, by name: the fields of the `i`th that are not as usual. */
export type OddFields = Readonly<Record<string, (i: number) => Partial<Entry>>>;

/**
 * Entries that a format made for usual ones may be bad at.
 *
 * @param random Gives a number from 0 up to, not including, 1.
 */
export function oddFields(random: () => number): OddFields {
  function text(alphabet: string, length: number): string {
    return Array.from({ length }, () => pick([...alphabet])).join("");
  }

  function pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(random() * values.length)]!;
  }

  function uuid(): string {
    return [8, 4, 4, 4, 12].map((length) => text(HEX, length)).join("-");
  }

  return {
    "no version ids": () => ({ versionId: "null" }),
    "one version id": () => ({ versionId: "x".repeat(32) }),
    "counted version ids": (i) => ({ versionId: String(i).padStart(32, "0") }),
    "version ids of digits": () => ({ versionId: text(DIGITS, 32) }),
    "version ids of hexadecimal digits": () => ({ versionId: text(HEX, 32) }),
    "UUIDs": () => ({ versionId: uuid() }),
    "short version ids": () => ({ versionId: text(LETTERS, 15) }),
    "long version ids": () => ({ versionId: text(LETTERS, 65) }),
    "base64 version ids": () => ({ versionId: text(`${LETTERS}+/=`, 44) }),
    "version ids with one beginning": () => ({
      versionId: `the-same-beginning.${text(LETTERS, 9)}`,
    }),
    "version ids that tell a story": (i) => ({
      versionId: `4_z27c88f1d182b150646ff0b16_f200ec6f324d23b53_d20260314_m2235${i % 60}_t00${
        i % 97
      }`,
    }),
    "few ETags": () => ({
      versionId: text(LETTERS, 32),
      etag: pick(["d41d8cd98f00b204e9800998ecf8427e", "0cc175b9c0f1b6a831c399e269772661"]),
    }),
    "ETags in capitals": () => ({ etag: text(HEX, 32).toUpperCase() }),
    "long ETags": () => ({ etag: text(HEX, 64) }),
    "any part count": () => ({ etag: `${text(HEX, 32)}-${1 + Math.floor(random() * 9999)}` }),
    "any storage class": () => ({ storageClass: pick(["STANDARD", "GLACIER", "STANDARD_IA"]) }),
    "any size": () => ({ size: Math.floor(random() * 2 ** 53) }),
    "any time": () => ({ lastModified: Math.floor(random() * 2 ** 41) }),
  };
}
