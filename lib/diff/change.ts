import type { Entry } from "../model/entry.ts";

/** A key at which two points differ. */
export interface Change {
  /** What became of it. */
  readonly change: "added" | "removed" | "changed";
  /** The whole key. */
  readonly key: string;
  /** What the earlier point has there; null where it has nothing. */
  readonly before: Entry | null;
  /** What the later one has; null where it has nothing. */
  readonly after: Entry | null;
}
