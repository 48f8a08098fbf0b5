import { InputError } from "../model/errors.ts";
import { nearest } from "../model/nearest.ts";
import type { JsoncDocument, JsonPath } from "./jsonc_document.ts";

/** Makes objects of the file's, and collects what is worth a warning. */
export class LegacyReader {
  /** Each with where it stands. */
  readonly warnings: string[] = [];
  readonly #document: JsoncDocument;

  /** Reads values of this file. */
  constructor(document: JsoncDocument) {
    this.#document = document;
  }

  /** Say of a value what does not stop anything. */
  warn(path: JsonPath, message: string): void {
    this.warnings.push(`${this.#document.whereIs(path)}: ${message}`);
  }

  /**
   * A value as an object with the names that are known.
   *
   * @throws {InputError} when it is none
   */
  object(value: unknown, path: JsonPath, known: readonly string[]): LegacyObject {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      const name = path.at(-1) ?? "the configuration";
      throw new InputError(`${this.#document.whereIs(path)}: ${name} must be an object`);
    }
    const members = new Map<string, { readonly name: string; readonly value: unknown }>();
    for (const [name, member] of Object.entries(value)) {
      const knownName = known.find((each) => each.toLowerCase() === name.toLowerCase());
      if (knownName !== undefined) members.set(knownName, { name, value: member });
      else this.#warnUnknown([...path, name], known);
    }
    return new LegacyObject(this.#document, path, members);
  }

  #warnUnknown(path: JsonPath, known: readonly string[]): void {
    const name = String(path.at(-1));
    const near = nearest(name, known);
    const hint = near === undefined ? "" : `: did you mean ${near}?`;
    this.warn(path, `${name} is unknown and has no effect${hint}`);
  }
}

/** Values by their known names, whatever their case in the file. Null counts as left out. */
export class LegacyObject {
  readonly #document: JsoncDocument;
  readonly #path: JsonPath;
  readonly #members: ReadonlyMap<string, { readonly name: string; readonly value: unknown }>;

  /** Made by {@linkcode LegacyReader.object}. */
  constructor(
    document: JsoncDocument,
    path: JsonPath,
    members: ReadonlyMap<string, { readonly name: string; readonly value: unknown }>,
  ) {
    this.#document = document;
    this.#path = path;
    this.#members = members;
  }

  /** The way to a value, by the name that it has in the file. */
  path(name: string): JsonPath {
    return [...this.#path, this.#members.get(name)?.name ?? name];
  }

  /** As it stands in the file. */
  value(name: string): unknown {
    return this.#members.get(name)?.value ?? undefined;
  }

  /** A text that must be there. @throws {InputError} when it is not */
  text(name: string): string {
    const text = this.optionalText(name);
    if (text === undefined) throw this.error(name, "is missing");
    return text;
  }

  /** An empty text is as good as none, as in Go. @throws {InputError} when it is no text */
  optionalText(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || value === "") return;
    if (typeof value !== "string") throw this.error(name, "must be a text in double quotes");
    return value;
  }

  /** @throws {InputError} when the value is neither true nor false */
  boolean(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === "boolean") return value;
    throw this.error(name, "must be true or false");
  }

  /** @throws {InputError} when the value is no whole number in the range */
  integer(
    name: string,
    { min, max = Number.MAX_SAFE_INTEGER }: { readonly min: number; readonly max?: number },
  ): number | undefined {
    const value = this.value(name);
    if (value === undefined) return;
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) {
      return value;
    }
    const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`;
    throw this.error(name, `must be a whole number, ${range}`);
  }

  /** The error that says what is wrong with a value, and where it stands. */
  error(name: string, problem: string): InputError {
    return new InputError(`${this.#document.whereIs(this.path(name))}: ${name} ${problem}`);
  }
}
