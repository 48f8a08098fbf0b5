import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../lib/model/errors.ts";

/** "bmbS": tells our files from other programs' databases. */
const APPLICATION_ID = 0x626d6253;
/** Of the tables below. */
const SCHEMA_VERSION = 1;

/**
 * - `body`: one put. `partial` while it is written, `visible` under its name once it is whole,
 *   `dead` when it was replaced, deleted or given up. Ids are never used twice, so that a reader
 *   of a body that is gone finds nothing rather than another's bytes.
 * - `chunk`: its bytes. Those of a dead body are removed by a later put, a few at a time.
 */
const TABLES: readonly string[] = [
  `CREATE TABLE body (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     name TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('partial', 'visible', 'dead')),
     size INTEGER NOT NULL,
     touched INTEGER NOT NULL
   ) STRICT`,
  `CREATE UNIQUE INDEX visible_body ON body (name) WHERE state = 'visible'`,
  `CREATE INDEX other_body ON body (state, touched) WHERE state <> 'visible'`,
  `CREATE TABLE chunk (
     body INTEGER NOT NULL,
     number INTEGER NOT NULL,
     bytes BLOB NOT NULL,
     PRIMARY KEY (body, number)
   ) STRICT`,
  `PRAGMA application_id = ${APPLICATION_ID}`,
  `PRAGMA user_version = ${SCHEMA_VERSION}`,
];

/**
 * Make the tables in an empty database; refuse one that is not ours or that a later release made.
 * Call it inside a write transaction, so that of two processes one makes them.
 */
export function prepareSchema(db: DatabaseSync, url: string): void {
  const version = pragma(db, "user_version");
  const application = pragma(db, "application_id");
  if (application === APPLICATION_ID && version === SCHEMA_VERSION) return;
  if (application === APPLICATION_ID) {
    throw new StoreError(
      "Unsupported",
      `${url} was made by a later release (its layout is ${version}, this one knows ` +
        `${SCHEMA_VERSION}); use that release`,
    );
  }
  if (version !== 0 || application !== 0 || hasTables(db)) {
    throw new StoreError("Corrupt", `${url} is another program's database; name another file`);
  }
  for (const statement of TABLES) db.prepare(statement).run();
}

function pragma(db: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function hasTables(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined;
}
