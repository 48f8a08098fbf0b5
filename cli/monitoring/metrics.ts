import { InputError } from "../../lib/model/errors.ts";
import { EXIT } from "../exit_codes.ts";
import type { EndedRun } from "./outcome.ts";

/** Of all that is measured here: nothing else in a file is ours. */
const NAMESPACE = "backup_my_bucket_";

/** What is measured, in the order of the file, and what a reader is told of it. */
const HELP = {
  last_run_timestamp_seconds: "When the command last ended, in seconds since 1970.",
  last_success_timestamp_seconds: "When it last ended with exit code 0, in seconds since 1970.",
  last_exit_code: "How it last ended: 0 done, 1 failed, 2 wrong usage, 3 in part, 130 interrupted.",
  last_duration_seconds: "How long it last took.",
  last_objects: "Objects that the last run recorded, brought back or checked, or versions deleted.",
  last_bytes: "Sum of their sizes.",
  last_failures: "Keys, versions or points that something was wrong with.",
} as const;

type Metric = keyof typeof HELP;

/** The lines of a file of metrics: of each metric, a value for each command and set. */
export type Samples = ReadonlyMap<Metric, ReadonlyMap<string, string>>;

/**
 * Read a file that {@linkcode renderMetrics} wrote.
 *
 * @throws {InputError} when it holds something else, which writing would destroy
 */
export function parseMetrics(text: string, path: string): Samples {
  const samples = new Map<Metric, Map<string, string>>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith(`# HELP ${NAMESPACE}`)) continue;
    if (line.startsWith(`# TYPE ${NAMESPACE}`)) continue;
    const [, name, labels, value] = /^backup_my_bucket_(\w+)(\{.*\}) (\S+)$/.exec(line) ?? [];
    if (!isMetric(name)) {
      throw new InputError(
        `${path} is no file of our metrics, its line ${JSON.stringify(line)} is not ours: name ` +
          `a file of its own with --metrics`,
      );
    }
    (samples.get(name) ?? addTo(samples, name)).set(labels!, value!);
  }
  return samples;
}

function isMetric(name: string | undefined): name is Metric {
  return name !== undefined && Object.hasOwn(HELP, name);
}

function addTo(samples: Map<Metric, Map<string, string>>, name: Metric): Map<string, string> {
  const added = new Map<string, string>();
  samples.set(name, added);
  return added;
}

/** What was known, and what a run adds to it or takes the place of. */
export function withRunOf(samples: Samples, run: EndedRun): Samples {
  const labels = `{command=${quoted(run.command)},set=${quoted(run.set)}}`;
  const { objects = 0, bytes = 0, failures = 0 } = run.outcome ?? {};
  const values: Record<Metric, number | undefined> = {
    last_run_timestamp_seconds: run.endedAt,
    last_success_timestamp_seconds: run.exitCode === EXIT.done ? run.endedAt : undefined,
    last_exit_code: run.exitCode,
    last_duration_seconds: run.duration,
    last_objects: objects,
    last_bytes: bytes,
    last_failures: failures,
  };
  return new Map(
    metrics().map((name) => {
      const value = values[name];
      const known = new Map(samples.get(name));
      return [name, value === undefined ? known : known.set(labels, String(value))];
    }),
  );
}

/** The file, as the text format of Prometheus has it. */
export function renderMetrics(samples: Samples): string {
  return metrics().flatMap((name) => {
    const values = [...samples.get(name) ?? []];
    if (values.length === 0) return [];
    return [
      `# HELP ${NAMESPACE}${name} ${HELP[name]}`,
      `# TYPE ${NAMESPACE}${name} gauge`,
      ...values.map(([labels, value]) => `${NAMESPACE}${name}${labels} ${value}`),
    ];
  }).map((line) => `${line}\n`).join("");
}

function metrics(): Metric[] {
  return Object.keys(HELP) as Metric[];
}

/** As the value of a label is written. */
function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
