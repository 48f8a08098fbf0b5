import type { Progress } from "../lib/model/progress.ts";
import { formatBytes, formatCount, formatDuration } from "./format.ts";

/** Shows how far an operation has come. */
export interface ProgressDisplay {
  /** As the library calls it. */
  readonly onProgress: (progress: Progress) => void;
  /** Take the line away, before something else is written and at the end. */
  clear(): void;
  /** The last that was told, if anything was. */
  readonly last: Progress | undefined;
}

/** What a display needs of its surroundings. */
export interface ProgressOptions {
  /** Milliseconds, from any beginning. */
  readonly now: () => number;
  /** For a terminal: writes to it at once. */
  readonly write?: (text: string) => void;
  /** For a terminal: how many characters a line has. */
  readonly columns?: () => number;
  /** Where there is no terminal: writes a line to the log. */
  readonly log?: (message: string) => void;
}

/** Milliseconds between two versions of the line: as often as an eye can read it. */
const REDRAW_INTERVAL = 100;
/** Milliseconds between two lines of the log. */
const LOG_INTERVAL = 60_000;
const CLEAR_LINE = "\r\x1b[K";

/** One line that is written over and over. */
export class ProgressLine implements ProgressDisplay {
  /** The last that was told. */
  last: Progress | undefined;
  readonly #options: Required<Pick<ProgressOptions, "now" | "write" | "columns">>;
  readonly #meter: Meter;
  #drawnAt = -Infinity;
  #isShown = false;

  /** Draws by these means. */
  constructor(options: Required<Pick<ProgressOptions, "now" | "write" | "columns">>) {
    this.#options = options;
    this.#meter = new Meter(options.now);
  }

  /** Draw the line anew, unless that was just done. */
  readonly onProgress = (progress: Progress): void => {
    this.last = progress;
    const text = this.#meter.describe(progress);
    const now = this.#options.now();
    if (now - this.#drawnAt < REDRAW_INTERVAL) return;
    this.#drawnAt = now;
    this.#isShown = true;
    const width = Math.max(1, this.#options.columns() - 1);
    this.#options.write(CLEAR_LINE + [...text].slice(0, width).join(""));
  };

  /** Leave an empty line. */
  clear(): void {
    if (this.#isShown) this.#options.write(CLEAR_LINE);
    this.#isShown = false;
    this.#drawnAt = -Infinity;
  }
}

/** A line of the log now and then: for cron and files, where nothing is written over. */
export class ProgressLog implements ProgressDisplay {
  /** The last that was told. */
  last: Progress | undefined;
  readonly #options: Required<Pick<ProgressOptions, "now" | "log">>;
  readonly #meter: Meter;
  #loggedAt: number;

  /** The first line comes after a while: short runs stay quiet. */
  constructor(options: Required<Pick<ProgressOptions, "now" | "log">>) {
    this.#options = options;
    this.#meter = new Meter(options.now);
    this.#loggedAt = options.now();
  }

  /** Log a line, unless that was done not long ago. */
  readonly onProgress = (progress: Progress): void => {
    this.last = progress;
    const text = this.#meter.describe(progress);
    const now = this.#options.now();
    if (now - this.#loggedAt < LOG_INTERVAL) return;
    this.#loggedAt = now;
    this.#options.log(text);
  };

  /** There is nothing to take away. */
  clear(): void {}
}

/** Keeps the last that was told, and shows nothing. */
export class NoProgress implements ProgressDisplay {
  /** The last that was told. */
  last: Progress | undefined;

  /** Keep it. */
  readonly onProgress = (progress: Progress): void => {
    this.last = progress;
  };

  /** There is nothing to take away. */
  clear(): void {}
}

/** Puts progress into words, with the rate since its phase began. */
class Meter {
  readonly #now: () => number;
  #phase: Progress["phase"] | undefined;
  #startedAt = 0;
  #startedWith = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  describe({ phase, objects, bytes, total }: Progress): string {
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#startedAt = this.#now();
      this.#startedWith = objects;
    }
    const seconds = (this.#now() - this.#startedAt) / 1000;
    const rate = seconds > 0 ? (objects - this.#startedWith) / seconds : 0;
    const goal = total ? ` of ${formatCount(total.objects)}` : "";
    const texts = [`${phase}: ${formatCount(objects)}${goal} objects, ${formatBytes(bytes)}`];
    if (rate > 0) texts.push(`${formatCount(rate)}/s`);
    if (total && rate > 0 && total.objects > objects) {
      texts.push(`${formatDuration((total.objects - objects) / rate * 1000)} left`);
    }
    return texts.join(", ");
  }
}
