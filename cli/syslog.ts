import type { LogLevel } from "../lib/config/log_settings.ts";

const TAG = "backup-my-bucket";
const FACILITY = "local0";
/** What syslog calls the levels. */
const SEVERITY: Readonly<Record<LogLevel, string>> = {
  error: "err",
  warning: "warning",
  info: "info",
  debug: "debug",
};

const encoder = new TextEncoder();

/** Hands log lines to the system's `logger`: one process a level, fed through its stdin. */
export class Syslog implements AsyncDisposable {
  readonly #onFailure: (reason: string) => void;
  readonly #processes = new Map<LogLevel, LoggerProcess>();
  #hasFailed = false;

  /** `onFailure` is told once why nothing reaches syslog. */
  constructor(onFailure: (reason: string) => void) {
    this.#onFailure = onFailure;
  }

  /** Hand over a line. */
  write(level: LogLevel, message: string): void {
    if (this.#hasFailed) return;
    try {
      const process = this.#processes.get(level) ?? startLogger(SEVERITY[level]);
      this.#processes.set(level, process);
      process.write(message);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Waits until every line was taken. */
  async [Symbol.asyncDispose](): Promise<void> {
    const processes = [...this.#processes.values()];
    this.#processes.clear();
    for (const ended of await Promise.allSettled(processes.map((process) => process.end()))) {
      if (ended.status === "rejected") this.#fail(ended.reason);
    }
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#onFailure(reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "this system has no `logger` command";
  if (error instanceof Deno.errors.NotCapable) return "Deno does not allow it: --allow-run=logger";
  return error instanceof Error ? error.message : String(error);
}

interface LoggerProcess {
  write(message: string): void;
  end(): Promise<void>;
}

/** Writes are not waited for one by one: what goes wrong comes out at the end. */
function startLogger(severity: string): LoggerProcess {
  const child = new Deno.Command("logger", {
    args: ["-t", TAG, "-p", `${FACILITY}.${severity}`],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const writes: Promise<void>[] = [];
  return {
    write(message) {
      // A line is a record.
      const write = writer.write(encoder.encode(message.replaceAll("\n", " ") + "\n"));
      // Looked at in end(); until then its failure is not unhandled.
      write.catch(() => {});
      writes.push(write);
    },
    async end() {
      await Promise.all(writes);
      await writer.close();
      const { success, code } = await child.status;
      if (!success) throw new Error(`logger ended with code ${code}`);
    },
  };
}
