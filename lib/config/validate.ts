import * as z from "npm:zod@4.6.7";
import { InputError } from "../model/errors.ts";
import { type Problem, problemsOf } from "./issue_message.ts";

/** Problems that one message names; a file with more has something else wrong with it. */
const MAX_PROBLEMS = 8;

/**
 * What `schema` makes of `value`.
 *
 * @param whereIs Says where a value stands, to go before what is wrong with it.
 * @throws {InputError} with a line for each problem: where, what, and what is accepted
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  whereIs: (path: Problem["path"]) => string,
): z.infer<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) =>
    problemsOf(issue, (path) => namesAt(schema, path))
  );
  const lines = problems.slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => `${whereIs(path)}: ${message}`);
  if (problems.length > MAX_PROBLEMS) lines.push(`and ${problems.length - MAX_PROBLEMS} more`);
  throw new InputError(lines.join("\n"));
}

/** The names that the object at `path` may have. */
function namesAt(schema: z.core.$ZodType, path: Problem["path"]): readonly string[] {
  const [first, ...rest] = path;
  if (schema instanceof z.ZodOptional) return namesAt(schema.unwrap(), path);
  if (schema instanceof z.ZodRecord) return namesAt(schema.valueType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  if (first === undefined) return Object.keys(shape);
  const inner = shape[first];
  return inner ? namesAt(inner, rest) : [];
}
