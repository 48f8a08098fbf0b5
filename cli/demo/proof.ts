import { BackupError } from "../../lib/model/errors.ts";

/** For each key a digest of all that a reader sees of it. */
export type Fingerprint = ReadonlyMap<string, string>;

/**
 * Compare what readers see with what they should see.
 *
 * @throws {BackupError} `DemoFailed`, naming the first keys that differ
 */
export function assertSame(actual: Fingerprint, expected: Fingerprint): void {
  const wrong = [
    ...[...expected.keys()].filter((key) => actual.get(key) !== expected.get(key)),
    ...[...actual.keys()].filter((key) => !expected.has(key)),
  ];
  if (wrong.length === 0) return;
  const shown = wrong.slice(0, 5).map((key) => JSON.stringify(key)).join(", ");
  throw new BackupError(
    "DemoFailed",
    `${wrong.length} keys are not as they were: ${shown}${wrong.length > 5 ? ", ..." : ""}`,
  );
}
