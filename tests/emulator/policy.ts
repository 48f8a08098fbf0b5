/** IAM policies, as far as the server follows them: what they allow, of which resources. */

/** What is allowed, of what. */
export interface PolicyStatement {
  /** What allows nothing is what a policy leaves out. */
  readonly Effect: "Allow";
  /** Such as `s3:PutObject`; `*` and `?` stand for any text and any character. */
  readonly Action: string | readonly string[];
  /** Names of resources, with the same wildcards. */
  readonly Resource: string | readonly string[];
}

/** An identity's policy: whatever it does not allow is refused. */
export interface Policy {
  /** The language's version. */
  readonly Version?: string;
  /** In any order. */
  readonly Statement: readonly PolicyStatement[];
}

const KNOWN = ["Sid", "Effect", "Action", "Resource"];

/**
 * Refuses what the server does not follow, rather than pass over it.
 *
 * @throws {TypeError} for a condition, a denial and the like.
 */
export function checkPolicy({ Statement }: Policy): void {
  for (const statement of Statement) {
    const unknown = Object.keys(statement).filter((name) => !KNOWN.includes(name));
    if (unknown.length === 0 && statement.Effect === "Allow") continue;
    throw new TypeError(`this server follows no such statement: ${JSON.stringify(statement)}`);
  }
}

/** True when a statement allows the action on that very resource. */
export function allows({ Statement }: Policy, action: string, resource: string): boolean {
  return Statement.some(({ Action, Resource }) =>
    // The case of an action does not matter, that of a resource does.
    matchesAny(lower(Action), action.toLowerCase()) && matchesAny(listOf(Resource), resource)
  );
}

function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => expressionOf(pattern).test(text));
}

function expressionOf(pattern: string): RegExp {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (char) => WILDCARDS[char] ?? `\\${char}`);
  return new RegExp(`^${source}$`, "su");
}

const WILDCARDS: Readonly<Record<string, string>> = { "*": ".*", "?": "." };

function lower(actions: PolicyStatement["Action"]): string[] {
  return listOf(actions).map((action) => action.toLowerCase());
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
