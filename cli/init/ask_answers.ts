import { isSameBucket } from "../../lib/bucket_identity.ts";
import { parseBucketUrl } from "../../lib/s3/bucket_url.ts";
import { InputError } from "../../lib/model/errors.ts";
import type { Questioner } from "../confirm.ts";
import { UsageError } from "../errors.ts";
import type { Answers } from "./answers.ts";
import { identityOf } from "./places.ts";

/** What the command line says already. */
export type Given = { readonly [Name in keyof Answers]?: Answers[Name] | undefined };

/** What is kept unless somebody says otherwise: a month, and never fewer than two points. */
const DEFAULTS = { days: 30, minimumRedundancy: 2 };

/**
 * Ask for what the command line leaves open; where there is nobody to ask, take the defaults.
 *
 * @param defaultStore A place for the snapshots of a set.
 * @throws {UsageError} when something that has no default is not known
 * @throws {InputError} when what is given cannot be used
 */
export async function askAnswers(
  given: Given,
  questioner: Questioner | undefined,
  signal: AbortSignal,
  defaultStore: (set: string) => string | undefined,
): Promise<Answers> {
  const ask = new Asker(questioner, signal);
  const source = given.source ??
    await ask.for("Bucket that applications write to (s3://NAME?region=REGION)", {
      check: parseBucketUrl,
      option: "--source",
    });
  const replica = checked(given.replica, source) ??
    await ask.for("Versioned bucket that it is replicated to [none, it keeps its own versions]", {
      check: (text) => text === "" || checked(text, source),
      fallback: "",
    });
  const set = given.set ?? parseBucketUrl(source).bucket;
  const fallback = defaultStore(set);
  const store = given.store ??
    await ask.for("Where snapshots are stored (a directory, sqlite:///FILE, s3://BUCKET/PREFIX)", {
      option: "--store",
      ...(fallback !== undefined && { fallback }),
    });
  const number = (question: string, fallback: number) =>
    ask.for(question, { check: wholeNumber, fallback: String(fallback) });
  return {
    ...{ set, source, store },
    replica: replica === "" ? undefined : replica,
    days: given.days ?? Number(await number("Days that a point is kept", DEFAULTS.days)),
    minimumRedundancy: given.minimumRedundancy ?? Number(
      await number("Points that are kept in any case", DEFAULTS.minimumRedundancy),
    ),
  };
}

/**
 * A source cannot be its own replica. To take it for that would be to recommend that its history be
 * expired.
 *
 * @throws {InputError} when it is, or the replica's URL is none
 */
function checked(replica: string | undefined, source: string): string | undefined {
  if (replica === undefined) return undefined;
  const [one, other] = [parseBucketUrl(replica), parseBucketUrl(source)];
  if (!isSameBucket(identityOf(one), identityOf(other))) return replica;
  throw new InputError(
    `${replica} is the source's own bucket: name another one, or no replica, as the source then ` +
      `keeps its own versions`,
  );
}

/** A question. */
interface Question {
  /** Throws on what is no answer. */
  readonly check?: (text: string) => unknown;
  /** What an empty line means, and what holds where nobody can be asked. */
  readonly fallback?: string;
  /** What gives the answer in advance. */
  readonly option?: string;
}

class Asker {
  readonly #questioner: Questioner | undefined;
  readonly #signal: AbortSignal;

  constructor(questioner: Questioner | undefined, signal: AbortSignal) {
    this.#questioner = questioner;
    this.#signal = signal;
  }

  async for(text: string, { check, fallback, option }: Question): Promise<string> {
    const terminal = this.#questioner;
    if (!terminal) {
      if (fallback !== undefined) return fallback;
      throw new UsageError(`init needs ${option} where it cannot ask`);
    }
    for (;;) {
      terminal.write(fallback ? `${text} [${fallback}]: ` : `${text}: `);
      const line = await terminal.readLine(this.#signal);
      if (line === null) throw new UsageError(`init was not told: ${text}`);
      const answer = line.trim() || fallback;
      const problem = answer === undefined ? "an answer is needed" : problemOf(answer, check);
      if (problem === undefined) return answer!;
      terminal.write(`${problem}\n`);
    }
  }
}

function problemOf(answer: string, check: Question["check"]): string | undefined {
  try {
    check?.(answer);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

function wholeNumber(text: string): void {
  if (!/^[1-9]\d*$/.test(text)) throw new InputError("use a whole number from 1");
}
