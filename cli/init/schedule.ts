/** What runs the command every night, on the machine that this is. */
import type { ScheduledEnvironment } from "./scheduled_environment.ts";

/** How this very program was started, without its arguments. */
export type Program = readonly string[];

/** At which minute of the night the set's turn is: not all at once, and always the same. */
export function minuteOf(set: string): number {
  let hash = 0;
  for (const char of set) hash = (hash * 31 + char.codePointAt(0)!) % 60;
  return hash;
}

/** What is to be run every night, and as what. */
export interface Schedule {
  readonly program: Program;
  /** Absolute path of the configuration. */
  readonly config: string;
  readonly set: string;
  /** Whom systemd runs it as; undefined where that is not known. */
  readonly user: string | undefined;
  readonly environment: ScheduledEnvironment;
}

/** A line for `crontab -e`: a snapshot, and what is too old after it. */
export function cronLine(schedule: Schedule): string {
  const variables = Object.entries(schedule.environment.variables)
    .map(([name, value]) => `${name}=${quoteForShell(value)}`);
  const commands = [
    ...(variables.length > 0 ? [`export ${variables.join(" ")}`] : []),
    ...commandLines(schedule).map((words) => words.map(quoteForShell).join(" ")),
  ];
  // In a crontab, a percent sign ends the command.
  const command = commands.join(" && ").replaceAll("%", "\\%");
  return `${minuteOf(schedule.set)} 1 * * *  ${command}\n`;
}

/** A service and the timer that starts it, each by the name of its file. */
export function systemdUnits(schedule: Schedule): Record<string, string> {
  const { set, user } = schedule;
  const name = `backup-my-bucket-${set.replace(/[^\w.-]/g, "-")}`;
  const minute = String(minuteOf(set)).padStart(2, "0");
  const service = [
    "Type=oneshot",
    user === undefined ? "# User=" : `User=${user}`,
    ...environmentLines(schedule.environment, name),
    ...commandLines(schedule).map((words) =>
      // Here alone a dollar sign stands for a variable.
      `ExecStart=${words.map((word) => quoteForSystemd(word.replaceAll("$", "$$$$"))).join(" ")}`
    ),
  ];
  return {
    [`${name}.service`]: `[Unit]
Description=A restoration point of ${set}, and what is too old after it
Wants=network-online.target
After=network-online.target

[Service]
${service.join("\n")}
`,
    [`${name}.timer`]: `[Unit]
Description=Every night

[Timer]
OnCalendar=*-*-* 01:${minute}:00
Persistent=true

[Install]
WantedBy=timers.target
`,
  };
}

function environmentLines({ variables, withheld }: ScheduledEnvironment, name: string): string[] {
  return [
    ...Object.entries(variables)
      .map(([name, value]) => `Environment=${quoteForSystemd(`${name}=${value}`)}`),
    ...(withheld.length === 0 ? [] : [
      `# ${withheld.join(", ")}, unless the URLs of the buckets name a profile:`,
      `# EnvironmentFile=/etc/backup-my-bucket/${name}.env`,
    ]),
  ];
}

function commandLines({ program, config, set }: Schedule): string[][] {
  const options = ["--quiet", "--config", config, "--set", set];
  return [[...program, "snapshot", ...options], [...program, "gc", ...options]];
}

function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function quoteForSystemd(word: string): string {
  const escaped = word.replaceAll("%", "%%");
  if (/^[\w@%+=:,./$-]+$/.test(word)) return escaped;
  return `"${escaped.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
