import type * as z from "npm:zod@4.6.7";
import { nearest } from "../model/nearest.ts";

/** Longest value that a message repeats, in characters. */
const MAX_SHOWN = 40;

/** One thing that is wrong: where, and in words. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What the validator found, one problem for each unknown name; `known` tells an object's names. */
export function problemsOf(
  issue: z.core.$ZodIssue,
  known: (path: Problem["path"]) => readonly string[],
): Problem[] {
  const path = issue.path.map((part) => typeof part === "number" ? part : String(part));
  if (issue.code === "invalid_key") {
    return [{ path, message: `${nameOf(path)} ${issue.issues[0]?.message ?? issue.message}` }];
  }
  if (issue.code !== "unrecognized_keys") {
    return [{ path, message: `${nameOf(path)} ${issue.message}${shown(issue.input)}` }];
  }
  return issue.keys.map((key) => ({
    path: [...path, key],
    message: `${nameOf([...path, key])} is unknown${suggestion(key, known(path))}`,
  }));
}

/** `sets.photos.store`, as a message names a value. */
export function nameOf(path: Problem["path"]): string {
  if (path.length === 0) return "the configuration";
  return path.map((part) => /^[\w$-]+$/.test(String(part)) ? part : JSON.stringify(part)).join(".");
}

function suggestion(key: string, names: readonly string[]): string {
  const near = nearest(key, names);
  return near ? `: did you mean ${near}?` : `: known are ${names.join(", ")}`;
}

/** What stands there instead; texts are left out, since they might be secret. */
function shown(value: unknown): string {
  if (value === undefined) return "";
  const text = typeof value === "object" || typeof value === "string"
    ? kindOf(value)
    : String(value);
  return `, not ${text.slice(0, MAX_SHOWN)}`;
}

function kindOf(value: object | string | null): string {
  if (value === null) return "null";
  return typeof value === "string" ? "this text" : Array.isArray(value) ? "a list" : "an object";
}
