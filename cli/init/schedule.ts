/** What runs the command every night, on the machine that this is. */

/** How this very program was started, without its arguments. */
export type Program = readonly string[];

/** At which minute of the night the set's turn is: not all at once, and always the same. */
export function minuteOf(set: string): number {
  let hash = 0;
  for (const char of set) hash = (hash * 31 + char.codePointAt(0)!) % 60;
  return hash;
}

/** A line for `crontab -e`: a snapshot, and what is too old after it. */
export function cronLine(program: Program, config: string, set: string): string {
  const commands = commandLines(program, config, set).map((words) =>
    // In a crontab, a percent sign ends the command.
    words.map(quoteForShell).join(" ").replaceAll("%", "\\%")
  );
  return `${minuteOf(set)} 1 * * *  ${commands.join(" && ")}\n`;
}

/** A service and the timer that starts it, each by the name of its file. */
export function systemdUnits(
  program: Program,
  config: string,
  set: string,
  user: string | undefined,
): Record<string, string> {
  const name = `backup-my-bucket-${set.replace(/[^\w.-]/g, "-")}`;
  const lines = commandLines(program, config, set);
  const minute = String(minuteOf(set)).padStart(2, "0");
  return {
    [`${name}.service`]: `[Unit]
Description=A restoration point of ${set}, and what is too old after it
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
${user === undefined ? "# User=" : `User=${user}`}
${lines.map((words) => `ExecStart=${words.map(quoteForSystemd).join(" ")}`).join("\n")}
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

function commandLines(program: Program, config: string, set: string): string[][] {
  const options = ["--quiet", "--config", config, "--set", set];
  return [[...program, "snapshot", ...options], [...program, "gc", ...options]];
}

function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function quoteForSystemd(word: string): string {
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[\w@%+=:,./$-]+$/.test(word)) return escaped;
  return `"${escaped.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
