import type { Result } from "./result.ts";

/** What every row is told. */
export interface Settings {
  /** Sizes are multiplied by it. Default of the command: 1. */
  readonly scale: number;
  /** A server with real S3 manners, for the rows that need one. */
  readonly peers: string | undefined;
  /** An empty directory of the run's own. */
  readonly directory: string;
}

/** Something that is measured beside its alternatives, in one run. */
export interface Row {
  /** Selects it. */
  readonly name: string;
  /** What is measured. */
  readonly title: string;
  run(settings: Settings): Promise<Omit<Result, "row" | "title">>;
}

/** A size, scaled: whole thousands, as pages are, and one at least. */
export function scaled(size: number, { scale }: Settings): number {
  return Math.max(1, Math.round(size * scale / 1000)) * 1000;
}
