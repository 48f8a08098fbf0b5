import type { Preparation } from "./answers.ts";

/** All of it, for somebody who copies from a terminal. */
export function renderPreparation(preparation: Preparation, isDryRun: boolean): string {
  const { config, text, documents, cron, systemd } = preparation;
  const sections: [string, string][] = [
    ...Object.entries(documents).map(([title, document]): [string, string] => [
      title,
      JSON.stringify(document, null, 2) + "\n",
    ]),
    ["for crontab -e", cron],
    ...Object.entries(systemd).map(([name, unit]): [string, string] => [
      `/etc/systemd/system/${name}`,
      unit,
    ]),
  ];
  const written = isDryRun ? `Would write ${config}:\n\n${text}` : `Wrote ${config}\n`;
  return written + sections.map(([title, body]) => `\n# ${title}\n${body}`).join("");
}
