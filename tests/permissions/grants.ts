/** Policies taken apart, and held against what comes of them. */
import assert from "node:assert/strict";
import type { Policy } from "../../cli/init/policy.ts";

/** One thing that is allowed of one resource. */
export interface Grant {
  readonly action: string;
  readonly resource: string;
}

/** What came of a run, and what it was not allowed meanwhile. */
export interface Tried {
  readonly outcome: string;
  readonly refused: readonly string[];
  /** What whoever ran it was told to be missing, where somebody did. */
  readonly advice?: string;
}

/** All that a policy allows. */
export function grantsOf({ Statement }: Policy): Grant[] {
  return Statement.flatMap(({ Action, Resource: resource }) =>
    Action.map((action) => ({ action, resource }))
  );
}

/**
 * See that a policy is enough, and that nothing of these grants can be left out of it.
 *
 * @param expected What is to come of a run.
 */
export async function assertJustEnough(
  policy: Policy,
  grants: readonly Grant[],
  expected: string,
  tryOut: (policy: Policy) => Promise<Tried>,
): Promise<void> {
  const { advice: _, ...enough } = await tryOut(policy);
  assert.deepEqual(enough, { outcome: expected, refused: [] });
  for (const grant of grants) {
    const { outcome, refused, advice } = await tryOut(without(policy, grant));
    const what = `${grant.action} on ${grant.resource}`;
    assert.notEqual(outcome, expected, `it does without ${what}`);
    assert(refused.includes(grant.action), `without ${what}, for another reason: ${outcome}`);
    assert(advice?.includes(grant.action) ?? true, `without ${what} the advice is: ${advice}`);
  }
}

function without(policy: Policy, { action, resource }: Grant): Policy {
  return {
    ...policy,
    Statement: policy.Statement.map(({ Action, Resource, ...rest }) => ({
      ...rest,
      Resource,
      Action: Action.filter((each) => each !== action || Resource !== resource),
    })),
  };
}
