import { VERSION } from "../lib/model/version.ts";
import helpTexts from "./help_texts.json" with { type: "json" };

/** Lines by command, as commander writes them: `deno task help-texts` asks it. */
const HELP: Readonly<Record<string, readonly string[]>> = helpTexts.commands;
const HELP_FLAGS = ["--help", "-h"];
const VERSION_FLAGS = ["--version", "-V"];

/**
 * What a command line prints that only asks for help or the version: loading commander alone takes
 * longer than starting Deno. Undefined for any other, and for unusual ways to ask.
 */
export function answerAtHand(args: readonly string[]): string | undefined {
  if (args.length === 1 && VERSION_FLAGS.includes(args[0]!)) return `${VERSION}\n`;
  return topicOf(args)?.join("\n");
}

function topicOf(args: readonly string[]): readonly string[] | undefined {
  const [first = "", second = ""] = args;
  if (args.length === 1) return isHelp(first) ? helpTexts.program : undefined;
  if (args.length !== 2) return;
  const command = first === "help" ? second : HELP_FLAGS.includes(second) ? first : "";
  return Object.hasOwn(HELP, command) ? HELP[command] : undefined;
}

function isHelp(word: string): boolean {
  return word === "help" || HELP_FLAGS.includes(word);
}
