import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "npm:jsonc-parser@3.3.1";
import { InputError } from "../model/errors.ts";

/** The way to a value: property names and array indexes. */
export type JsonPath = readonly (string | number)[];

/** What the parser's codes mean, in words for someone who wrote the file by hand. */
const SYNTAX_ERRORS: Readonly<Record<string, string>> = {
  InvalidSymbol: "this is no JSON: put text in double quotes",
  InvalidNumberFormat: "this is no number",
  PropertyNameExpected: 'a name in double quotes, or "}", must stand here',
  ValueExpected: "a value must stand here",
  ColonExpected: 'a ":" must stand here',
  CommaExpected: 'a "," must stand before this',
  CloseBraceExpected: 'a "}" is missing',
  CloseBracketExpected: 'a "]" is missing',
  EndOfFileExpected: "nothing may follow the configuration's end",
  UnexpectedEndOfComment: "the comment has no end",
  UnexpectedEndOfString: 'the text has no closing "',
  UnexpectedEndOfNumber: "the number is cut short",
  InvalidUnicode: "\\u needs four hexadecimal digits",
  InvalidEscapeCharacter: "there is no such escape: write a backslash as \\\\",
  InvalidCharacter: "write control characters as \\u and four digits",
};

/** JSON with comments and trailing commas, that knows where each value stands. */
export class JsoncDocument {
  /** What the text means, as JSON.parse would have it. */
  readonly value: unknown;
  readonly #file: string;
  readonly #text: string;
  readonly #root: Node;

  /** `file` is its name in messages. @throws {InputError} when the text is no such JSON */
  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text.startsWith("\ufeff") ? text.slice(1) : text;
    if (this.#text.trim() === "") {
      throw new InputError(`${file} is empty: a configuration is an object, { ... }`);
    }
    const errors: ParseError[] = [];
    const root = parseTree(this.#text, errors, { allowTrailingComma: true });
    const first = errors[0];
    if (first) {
      const name = printParseErrorCode(first.error);
      throw new InputError(`${this.#position(first.offset)}: ${SYNTAX_ERRORS[name] ?? name}`);
    }
    if (!root) throw new InputError(`${file}:1:1: a value must stand here`);
    this.#root = root;
    this.value = getNodeValue(root);
  }

  /** `FILE:LINE:COLUMN` of a value, or of the nearest one around it that exists. */
  whereIs(path: JsonPath): string {
    for (let length = path.length; length > 0; length--) {
      const node = findNodeAtLocation(this.#root, path.slice(0, length));
      // A property is found by its value; its name, where the eye looks, stands before that.
      if (node) return this.#position((nameOf(node) ?? node).offset);
    }
    return this.#position(this.#root.offset);
  }

  /** The first name that an object gives again, since only one of its values could count. */
  findDuplicate(): { readonly path: JsonPath; readonly where: string } | undefined {
    const found = duplicateIn(this.#root, []);
    return found && { path: found.path, where: this.#position(found.offset) };
  }

  #position(offset: number): string {
    const before = this.#text.slice(0, offset).split("\n");
    return `${this.#file}:${before.length}:${before.at(-1)!.length + 1}`;
  }
}

function nameOf(node: Node): Node | undefined {
  return node.parent?.type === "property" ? node.parent.children?.[0] : undefined;
}

function duplicateIn(
  node: Node,
  path: JsonPath,
): { readonly path: JsonPath; readonly offset: number } | undefined {
  const seen = new Set<string>();
  for (const [i, child] of (node.children ?? []).entries()) {
    const isProperty = child.type === "property";
    const name = isProperty ? String(child.children?.[0]?.value) : i;
    const here = [...path, name];
    if (isProperty && seen.has(String(name))) return { path: here, offset: child.offset };
    seen.add(String(name));
    const value = isProperty ? child.children?.[1] : child;
    const found = value && duplicateIn(value, here);
    if (found) return found;
  }
}
