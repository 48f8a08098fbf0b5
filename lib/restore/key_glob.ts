import { InputError } from "../model/errors.ts";

/** A pattern for keys, read. */
export interface KeyGlob {
  /** Whether a key matches, from its beginning to its end. */
  readonly matches: (key: string) => boolean;
  /** What every key that matches begins with; empty where the pattern does not say. */
  readonly prefix: string;
}

/**
 * Read a pattern, as rclone's filters have them:
 *
 * - `*` stands for any characters but `/`, `**` for any, `?` for one that is not `/`;
 * - `[abc]` and `[a-z]` stand for one of these, `[!abc]` for any other, never for `/`;
 * - `{a,b}` stands for `a` or `b`, and may hold patterns;
 * - `\` takes the meaning from the character behind it;
 * - `/` before the pattern ties it to the key's beginning. Without it, it may begin behind any `/`
 *   of the key, too: `*.jpg` is every key with that ending, `a/*.jpg` also matches `x/a/1.jpg`;
 * - `/` behind the pattern means all keys below: `cache/` is `cache/**`;
 * - `**` between two `/`, or at the beginning before one, may also stand for no folder at all, so
 *   that `/a/` + `**` + `/b` matches `a/b` and `a/x/y/b`.
 *
 * Case counts. Characters are Unicode's, line ends are like any other.
 *
 * @throws {InputError} when it is empty, or holds a bracket or brace that does not end
 */
export function parseKeyGlob(pattern: string): KeyGlob {
  const isTied = pattern.startsWith("/");
  const body = isTied ? pattern.slice(1) : pattern;
  if (body === "") throw wrong(pattern, "it is empty: use ** for every key");
  const { source, literal } = new GlobReader(pattern, body).read();
  const regExp = new RegExp(`^${isTied ? "" : "(?:.*/)?"}${source}$`, "su");
  return { matches: (key) => regExp.test(key), prefix: isTied ? literal : "" };
}

/** What does not stand for itself, or begins something that does not. */
const SPECIAL = /^\/\*\*+\/|^\*+|^[?[{]/;
/** The same at the beginning of a pattern. */
const LEADING = /^\/?\*\*+\/|^\*+|^[?[{]/;

/** One meaning after another, to the pattern's end. */
class GlobReader {
  readonly #pattern: string;
  readonly #body: string;
  #at = 0;
  #source = "";
  /** Characters that stand for themselves, up to the first that does not. */
  #literal = "";
  #isLiteral = true;
  #depth = 0;

  constructor(pattern: string, body: string) {
    this.#pattern = pattern;
    this.#body = body.endsWith("/") && !body.endsWith("\\/") ? `${body}**` : body;
  }

  read(): { readonly source: string; readonly literal: string } {
    while (this.#at < this.#body.length) this.#readOne();
    if (this.#depth > 0) throw wrong(this.#pattern, "a { has no }");
    return { source: this.#source, literal: this.#literal };
  }

  #readOne(): void {
    const rest = this.#body.slice(this.#at);
    const special = (this.#at === 0 ? LEADING : SPECIAL).exec(rest)?.[0];
    if (special?.startsWith("/")) this.#add(special, "/(?:.*/)?");
    else if (special?.endsWith("/")) this.#add(special, "(?:.*/)?");
    else if (special === "*") this.#add(special, "[^/]*");
    else if (special?.startsWith("*")) this.#add(special, ".*");
    else if (special === "?") this.#add(special, "[^/]");
    else if (special === "[") this.#readClass(rest);
    else if (special === "{") this.#open();
    else if (this.#depth > 0 && rest.startsWith(",")) this.#add(",", "|");
    else if (this.#depth > 0 && rest.startsWith("}")) this.#close();
    else this.#readCharacter(rest);
  }

  #readCharacter(rest: string): void {
    const isEscape = rest.startsWith("\\");
    const character = isEscape ? firstOf(rest.slice(1)) : firstOf(rest);
    if (character === "") throw wrong(this.#pattern, "nothing follows its last \\");
    if (this.#isLiteral) this.#literal += character;
    this.#source += escapeForRegExp(character);
    this.#at += character.length + (isEscape ? 1 : 0);
  }

  #readClass(rest: string): void {
    const match = /^\[([!^]?)(\]?(?:\\.|[^\]\\])*)\]/su.exec(rest);
    if (!match) throw wrong(this.#pattern, "a [ has no ]");
    const [whole, negation, members = ""] = match;
    const source = `(?!/)[${negation ? "^" : ""}${classMembers(members)}]`;
    try {
      new RegExp(source, "su");
    } catch (cause) {
      throw wrong(this.#pattern, `${whole} is no set of characters`, cause);
    }
    this.#add(whole, source);
  }

  #open(): void {
    this.#depth++;
    this.#add("{", "(?:");
  }

  #close(): void {
    this.#depth--;
    this.#add("}", ")");
  }

  #add(read: string, source: string): void {
    // All that match a/**/b begin with a/, too.
    if (this.#isLiteral && read.startsWith("/")) this.#literal += "/";
    this.#isLiteral = false;
    this.#source += source;
    this.#at += read.length;
  }
}

function firstOf(text: string): string {
  const code = text.codePointAt(0);
  return code === undefined ? "" : String.fromCodePoint(code);
}

/** A hyphen between two members makes a range; everything else stands for itself. */
function classMembers(members: string): string {
  return members.replace(/\\(.)|[\^\]\[&~]/gsu, (whole, escaped) => {
    return escapeInClass(escaped ?? whole);
  });
}

function escapeInClass(character: string): string {
  return /[\^\-\]\[\\]/.test(character) ? `\\${character}` : character;
}

function escapeForRegExp(character: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function wrong(pattern: string, why: string, cause?: unknown): InputError {
  const message = `${JSON.stringify(pattern)} is no pattern for keys: ${why}`;
  return new InputError(message, cause === undefined ? {} : { cause });
}
