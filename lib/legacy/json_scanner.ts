/** What {@linkcode JsonScanner} reports. Texts are whole JSON values, not yet parsed. */
export interface JsonVisitor {
  /** One element of the list. */
  element(text: string): void;
  /** One member of the object. The list is shown as `[]` when it begins. */
  member(name: string, text: string): void;
}

/** Bounds the memory that a file without end of a value can take, in UTF-16 units. */
const MAX_VALUE_LENGTH = 1 << 20;

type State =
  | "object"
  | "first name"
  | "name"
  | "colon"
  | "value"
  | "comma"
  | "first element"
  | "element"
  | "element comma"
  | "nothing";

/**
 * Takes one JSON object apart while it arrives: the elements of one member, a list, one by one,
 * and every other member whole. Holds no more than the value that is not complete yet.
 *
 * Only the structure is checked here; whoever parses the values finds what is wrong in them.
 */
export class JsonScanner {
  readonly #listName: string;
  readonly #visitor: JsonVisitor;
  #state: State = "object";
  #name = "";
  #text = "";
  #at = 0;
  /** Where `#text` begins in all that was pushed. */
  #start = 0;

  /** `listName` in lower case: names match whatever their case, as Go's decoder has it. */
  constructor(listName: string, visitor: JsonVisitor) {
    this.#listName = listName;
    this.#visitor = visitor;
  }

  /** Scan the next piece. @throws {SyntaxError} which says what is wrong and where */
  push(text: string): void {
    this.#start += this.#at;
    this.#text = this.#text.slice(this.#at) + text;
    this.#at = 0;
    while (this.#step());
    if (this.#text.length - this.#at > MAX_VALUE_LENGTH) this.#fail("is a value without end");
  }

  /** All pieces were pushed. @throws {SyntaxError} when the object is not complete */
  end(): void {
    if (this.#state !== "nothing") {
      throw new SyntaxError(
        `it ends after ${this.#start + this.#text.length} characters, before its JSON does`,
      );
    }
  }

  /** Whether it came any further. */
  #step(): boolean {
    this.#skipSpace();
    if (this.#at === this.#text.length) return false;
    switch (this.#state) {
      case "object":
        return this.#pass({ "{": "first name" });
      case "first name":
        return this.#text[this.#at] === "}" ? this.#pass({ "}": "nothing" }) : this.#takeName();
      case "name":
        return this.#takeName();
      case "colon":
        return this.#pass({ ":": "value" });
      case "value":
        return this.#takeMember();
      case "comma":
        return this.#pass({ ",": "name", "}": "nothing" });
      case "first element":
        return this.#text[this.#at] === "]" ? this.#pass({ "]": "comma" }) : this.#takeElement();
      case "element":
        return this.#takeElement();
      case "element comma":
        return this.#pass({ ",": "element", "]": "comma" });
      case "nothing":
        return this.#fail("should be the end");
    }
  }

  #pass(next: Readonly<Record<string, State>>): true {
    const state = next[this.#text[this.#at]!];
    if (!state) return this.#fail(`should be ${Object.keys(next).join(" or ")}`);
    this.#state = state;
    this.#at++;
    return true;
  }

  #takeName(): boolean {
    if (this.#text[this.#at] !== '"') return this.#fail("should be a name in quotes");
    const text = this.#takeValue();
    if (text === undefined) return false;
    this.#name = JSON.parse(text);
    this.#state = "colon";
    return true;
  }

  #takeMember(): boolean {
    if (this.#text[this.#at] === "[" && this.#name.toLowerCase() === this.#listName) {
      this.#visitor.member(this.#name, "[]");
      return this.#pass({ "[": "first element" });
    }
    const text = this.#takeValue();
    if (text === undefined) return false;
    this.#visitor.member(this.#name, text);
    this.#state = "comma";
    return true;
  }

  #takeElement(): boolean {
    const text = this.#takeValue();
    if (text === undefined) return false;
    this.#visitor.element(text);
    this.#state = "element comma";
    return true;
  }

  /** Undefined while its end has not arrived. */
  #takeValue(): string | undefined {
    const end = valueEnd(this.#text, this.#at);
    if (end < 0) return;
    if (end === this.#at) this.#fail("should be a value");
    const text = this.#text.slice(this.#at, end);
    this.#at = end;
    return text;
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && " \t\r\n".includes(this.#text[this.#at]!)) this.#at++;
  }

  #fail(problem: string): never {
    const found = JSON.stringify(this.#text.slice(this.#at, this.#at + 10));
    throw new SyntaxError(`character ${this.#start + this.#at}, ${found}, ${problem}`);
  }
}

/** Index after the value that begins at `at`, or -1 when the text ends first. */
function valueEnd(text: string, at: number): number {
  const first = text[at];
  if (first === '"') return stringEnd(text, at);
  if (first === "{" || first === "[") return nestedEnd(text, at);
  for (let i = at; i < text.length; i++) {
    if (" \t\r\n,:]}".includes(text[i]!)) return i;
  }
  return -1;
}

function stringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i + 1;
  }
  return -1;
}

function nestedEnd(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const unit = text[i];
    if (unit === '"') {
      i = stringEnd(text, i) - 1;
      if (i < 0) return -1;
    } else if (unit === "{" || unit === "[") depth++;
    else if ((unit === "}" || unit === "]") && --depth === 0) return i + 1;
  }
  return -1;
}
