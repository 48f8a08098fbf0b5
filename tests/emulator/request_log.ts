/** What was asked of the server, for tests to look at. */

/** A request and how it ended. */
export interface LoggedRequest {
  /** The operation's name in the S3 API; `Unknown` for what the server does not know. */
  readonly operation: string;
  /** HTTP method. */
  readonly method: string;
  /** Empty for requests to the service. */
  readonly bucket: string;
  /** Empty for requests to a bucket. */
  readonly key: string;
  /** From the query. */
  readonly versionId: string | undefined;
  /** Query parameters. */
  readonly query: Readonly<Record<string, string>>;
  /** Header values by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The server's clock when the request was read; milliseconds. */
  readonly time: number;
  /** Requests in progress at that moment, this one included. */
  readonly inFlight: number;
  /** HTTP status; 0 while in progress, and for a connection that was reset. */
  readonly status: number;
  /** The error's code, if it came to one. */
  readonly errorCode: string | undefined;
}

/** How many requests a log keeps before it forgets the older half. */
const LIMIT = 100_000;

/** Requests in the order of their arrival; the last 50,000 at least. */
export class RequestLog {
  #entries: LoggedRequest[] = [];
  #inFlight = 0;

  /** All requests since the start or the last {@linkcode clear}. */
  get all(): readonly LoggedRequest[] {
    return this.#entries;
  }

  /** The most requests that were in progress at once. */
  get peakInFlight(): number {
    return this.#entries.reduce((peak, { inFlight }) => Math.max(peak, inFlight), 0);
  }

  /** The requests for one operation. */
  of(operation: string): readonly LoggedRequest[] {
    return this.#entries.filter((entry) => entry.operation === operation);
  }

  /** How many requests there were, of one operation or altogether. */
  count(operation?: string): number {
    return operation === undefined ? this.#entries.length : this.of(operation).length;
  }

  /** Forgets the past. */
  clear(): void {
    this.#entries = [];
  }

  /**
   * Notes a request.
   *
   * @returns what is to be called at its end.
   */
  begin(
    request: Omit<LoggedRequest, "inFlight" | "status" | "errorCode">,
  ): (status: number, errorCode: string | undefined) => void {
    const inFlight = ++this.#inFlight;
    const noted: LoggedRequest = { ...request, inFlight, status: 0, errorCode: undefined };
    if (this.#entries.length >= LIMIT) this.#entries = this.#entries.slice(LIMIT / 2);
    this.#entries.push(noted);
    return (status, errorCode) => {
      this.#inFlight--;
      Object.assign(noted, { status, errorCode });
    };
  }
}
