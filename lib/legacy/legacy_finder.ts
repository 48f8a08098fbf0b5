import { isLegacyName, legacyMarkName } from "./legacy_name.ts";

/** A file that may be one of 2015, by its name. */
export interface LegacyName {
  /** Its name in the store. */
  readonly name: string;
  /** Whether gc or delete has begun to remove it. */
  readonly expired: boolean;
}

/** Finds the files that may be of 2015 among the names of a store. */
export class LegacyFinder {
  readonly #names: string[] = [];
  readonly #marks = new Set<string>();

  /** Look at a name. They may come in any order. */
  see(name: string): void {
    if (isLegacyName(name)) this.#names.push(name);
    else if (!name.includes("/")) this.#marks.add(name);
  }

  /** In the order in which they were seen. */
  found(): LegacyName[] {
    return this.#names.map((name) => ({ name, expired: this.#marks.has(legacyMarkName(name)) }));
  }
}
