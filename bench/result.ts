/** One way of doing a row's work: ours, or an alternative that ran beside it. */
export interface Line {
  /** Who did it, and how. */
  readonly subject: string;
  /** Entries, versions, or whatever the row is about. */
  readonly amount?: number;
  /** From the first request, or the start of the program where that is another program. */
  readonly wallSeconds?: number;
  /** Of the client alone, user and system. */
  readonly cpuSeconds?: number;
  /** Of the amount. */
  readonly perSecond?: number;
  /** Peak of the client process's resident memory. */
  readonly peakMiB?: number;
  readonly bytesPerEntry?: number;
}

/** A number that the row is about: mostly a ratio of two of its lines. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  /** What the project demands of itself; left out for a figure that is only told. */
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** What one row of the benchmark came to. */
export interface Result {
  readonly row: string;
  readonly title: string;
  readonly lines: readonly Line[];
  readonly figures: readonly Figure[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/** Whether a figure is what is demanded of it; undefined where nothing is. */
export function holds({ value, atLeast, atMost }: Figure): boolean | undefined {
  if (atLeast === undefined && atMost === undefined) return;
  return value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
}
