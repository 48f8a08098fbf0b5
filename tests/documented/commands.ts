/** The command lines that the documents tell their readers to use. */

const ROOT = new URL("../../", import.meta.url);

/** Lines that belong together, one after the other in one shell. */
export interface CommandBlock {
  /** Where it stands, for messages: `README.md, "Two commands"`. */
  readonly place: string;
  readonly lines: readonly string[];
}

/** Texts of a document that are shown as code. */
export interface DocumentedCode {
  /** Fenced as a shell's or as cron's, and indented lines. */
  readonly blocks: readonly (CommandBlock & { readonly kind: "shell" | "cron" | "indented" })[];
  /** Between backticks in a sentence, line ends as spaces. */
  readonly spans: readonly { readonly place: string; readonly text: string }[];
}

/** Languages of fenced blocks, and how their lines are run. */
const KINDS: Readonly<Record<string, "shell" | "cron">> = {
  sh: "shell",
  bash: "shell",
  console: "shell",
  cron: "cron",
};
const FENCE = /^```(\w*)\n([^]*?)^```$/gm;

/** README.md and all below docs/, by name. */
export async function documentNames(): Promise<string[]> {
  const docs = await Array.fromAsync(Deno.readDir(new URL("docs/", ROOT)), ({ name }) => name);
  return [
    "README.md",
    ...docs.filter((name) => name.endsWith(".md")).map((n) => `docs/${n}`).sort(),
  ];
}

/** All code of a document that may be a command. */
export async function readCode(name: string): Promise<DocumentedCode> {
  const text = await Deno.readTextFile(new URL(name, ROOT));
  const placeAt = (index: number) => `${name}, "${headingBefore(text, index)}"`;
  const fenced = [...text.matchAll(FENCE)].flatMap(({ 1: language, 2: body, index }) => {
    const kind = KINDS[language!];
    return kind ? [{ place: placeAt(index), kind, lines: linesOf(body!) }] : [];
  });
  // Of the same length, so that places stay where they are.
  const prose = text.replace(FENCE, (block) => block.replace(/[^\n]/g, " "));
  const indented = [...prose.matchAll(/^(?: {4}\S.*\n)+/gm)].map(({ 0: body, index }) => ({
    place: placeAt(index),
    kind: "indented" as const,
    lines: linesOf(body.replace(/^ {4}/gm, "")),
  }));
  const spans = [...prose.matchAll(/`([^`]+)`/g)].map(({ 1: span, index }) => ({
    place: placeAt(index),
    text: span!.replace(/\s*\n\s*/g, " "),
  }));
  return { blocks: [...fenced, ...indented], spans };
}

function headingBefore(text: string, index: number): string {
  return text.slice(0, index).match(/^#+ .*$/gm)?.at(-1)?.replace(/^#+ /, "") ?? "";
}

/** Lines as they are pasted: one that ends in a backslash, a pipe or an operator goes on. */
function linesOf(body: string): string[] {
  return body.replace(/(?:\\|(\||&&))\n\s*/g, "$1 ").split("\n").filter((line) =>
    line.trim() !== ""
  );
}
