/** What docs/OPERATIONS.md and `init` say of permissions is the list that commands are held to. */
import assert from "node:assert/strict";
import { awsDocuments } from "../cli/init/policies.ts";
import {
  type Needs,
  type Permission,
  PERMISSIONS,
  STORE_PERMISSIONS,
} from "../cli/init/permissions.ts";

const LINES: readonly (readonly [string, Permission])[] = Object.entries(PERMISSIONS);

/** The rows of all tables of the part that is about permissions, without their heads. */
async function documentedRows(): Promise<string[][]> {
  const text = await Deno.readTextFile(new URL("../docs/OPERATIONS.md", import.meta.url));
  const [, part = ""] = text.split("\n## What the credentials must be allowed\n");
  const [lines = ""] = part.split("\n## ");
  return [...lines.matchAll(/^\| (.*) \|$/gm)]
    .map(([, cells]) => cells!.split(" | ").map((cell) => cell.trim()))
    .filter(([first]) => !/^(?:command|an S3 store|-+)/.test(first!));
}

function cellOf({ bucket = [], objects = [] }: Needs = {}): string {
  return [...bucket, ...objects].join(", ");
}

Deno.test("the documented permissions are those of the list", async () => {
  const commands = LINES.map(([name, { holder, source, role = [], store = "" }]) => [
    name,
    cellOf(holder),
    [cellOf(source), ...role].filter(Boolean).join(", "),
    store,
  ]);
  const stores = Object.entries(STORE_PERMISSIONS).map(([name, needs]) => [name, cellOf(needs)]);
  assert.deepEqual(await documentedRows(), [...commands, ...stores]);
});

/** Each action with its resource, and the names of the documents that allow it. */
function printed(replica: string | undefined): string {
  const answers = {
    ...{ set: "a", days: 30, minimumRedundancy: 2 },
    ...{ source: "s3://photos?region=eu-west-1", replica, store: "s3://points?region=eu-west-1" },
  };
  return JSON.stringify(awsDocuments(answers));
}

Deno.test("init prints every action that some command needs, and asks for none where nothing does", () => {
  const actions = (needs?: Needs) => [...needs?.bucket ?? [], ...needs?.objects ?? []];
  for (const replica of [undefined, "s3://photos-replica?region=eu-central-1"]) {
    const text = printed(replica);
    for (const [name, { only, holder, source, role = [] }] of LINES) {
      if (only === (replica ? "without a replica" : "with a replica")) continue;
      for (const action of [...actions(holder), ...actions(source)]) {
        assert(text.includes(`"s3:${action}"`), `${name}: ${action}`);
      }
      for (const action of role) assert(text.includes(`"${action}"`), `${name}: ${action}`);
    }
    assert.equal(text.includes("PutReplicationConfiguration"), replica !== undefined);
  }
});
