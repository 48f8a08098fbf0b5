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
  // Of the same length, so that places stay where they are.
  const prose = text.replace(FENCE, (block) => block.replace(/[^\n]/g, " "));
  const placeAt = (index: number) => `${name}, "${headingBefore(prose, index)}"`;
  const fenced = [...text.matchAll(FENCE)].flatMap(({ 1: language, 2: body, index }) => {
    const kind = KINDS[language!];
    return kind ? [{ place: placeAt(index), kind, lines: linesOf(body!) }] : [];
  });
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

/** Programs that a span of code begins with when it is a command line. */
const PROGRAMS =
  /^(?:backup-my-bucket|deno (?:run|task|install|compile|bundle)|npx|npm|man|aws|source|head|curl) \S/;
/** Commands of ours that are named without the program, with something behind them. */
const COMMANDS =
  /^(?:snapshot|list-snapshots|list|ls|diff|restore|gc|delete|sync|failover|stats|verify|init|pin|unpin|unlock|completions) [^=]/;
/** Of Deno, rclone and systemd. */
const OTHERS = /^--(?:allow-|no-prompt$|global$|name$|s3-|backup-dir$)/;

/** What of a document's code is to be run: blocks as they are, spans each for itself. */
export function commandBlocks({ blocks, spans }: DocumentedCode): CommandBlock[] {
  const ofBlocks = blocks.flatMap(({ place, kind, lines }) => {
    const commands = kind === "indented" ? lines.filter((line) => PROGRAMS.test(line)) : lines;
    return commands.length > 0 ? [{ place, lines: commands }] : [];
  });
  const ofSpans = spans.flatMap(({ place, text }) => {
    if (PROGRAMS.test(text)) return [{ place, lines: [text] }];
    return COMMANDS.test(text) ? [{ place, lines: [`backup-my-bucket ${text}`] }] : [];
  });
  return [...ofBlocks, ...ofSpans];
}

/** Options of ours that are named in spans. */
export function namedOptions({ spans }: DocumentedCode): { place: string; option: string }[] {
  return spans.filter(({ text }) => /^--[a-z]/.test(text) || COMMANDS.test(text)).flatMap(
    ({ place, text }) =>
      (text.match(/(?<=^| )--[a-z][a-z0-9-]*/g) ?? [])
        .filter((option) => !OTHERS.test(option))
        .map((option) => ({ place, option })),
  );
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
