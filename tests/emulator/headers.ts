/** Headers of requests and answers. */

/** Values by lower-case name. */
export type Headers = Readonly<Record<string, string>>;

/** Those of the headers that are named and there. */
export function pickHeaders(headers: Headers, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) if (headers[name] !== undefined) picked[name] = headers[name];
  return picked;
}
