/** What the process was given, as far as Deno allows to read it. Asking for that prompts nobody. */

/** An environment variable; undefined where it is not set or must not be read. */
export function readVariable(name: string): string | undefined {
  return mayReadVariable(name) ? Deno.env.get(name) : undefined;
}

/** Whether a variable may be read. */
export function mayReadVariable(name: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable: name }).state === "granted";
}

/** Whether a file may be read. */
export async function mayReadFile(path: string): Promise<boolean> {
  return (await Deno.permissions.query({ name: "read", path })).state === "granted";
}
