import type { Entry } from "../model/entry.ts";

/** An entry, and what the plan saw of its key in the target. */
export interface SeenEntry extends Entry {
  /** ETag of the current object; empty for none, `*` where the listing told none. */
  readonly seenETag: string;
  /** When that was last modified, in milliseconds since 1970; `-Infinity` for none. */
  readonly seenTime: number;
}
