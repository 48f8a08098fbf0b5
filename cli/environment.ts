/** What the process was given, read only as far as Deno allows it: it never asks or fails. */

/** An environment variable; undefined where it is not set or must not be read. */
export function readVariable(name: string): string | undefined {
  return mayReadVariable(name) ? Deno.env.get(name) : undefined;
}

/** Whether a variable may be read. */
export function mayReadVariable(name: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable: name }).state === "granted";
}

/** A file's text; undefined where there is none or it must not be read. */
export async function readFileIfThere(path: string): Promise<string | undefined> {
  const { state } = await Deno.permissions.query({ name: "read", path });
  if (state !== "granted") return;
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return;
    throw error;
  }
}
