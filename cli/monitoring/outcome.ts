/** What a command came to, as those who watch it want to know. */
export interface Outcome {
  /** Whether it only said what would be done: nobody who watches is told then. */
  readonly dryRun?: boolean;
  /** Objects recorded, brought back or looked at, or versions deleted. */
  readonly objects: number;
  /** Sum of their sizes. */
  readonly bytes: number;
  /** Keys, versions or points that something is wrong with. */
  readonly failures: number;
}

/** A run that is over. */
export interface EndedRun {
  /** `snapshot`, `gc`, ... */
  readonly command: string;
  /** The set's name; empty where there is none. */
  readonly set: string;
  readonly exitCode: number;
  /** When it ended, in seconds since 1970. */
  readonly endedAt: number;
  /** Seconds. */
  readonly duration: number;
  /** Undefined for a run that came to nothing. */
  readonly outcome: Outcome | undefined;
}
