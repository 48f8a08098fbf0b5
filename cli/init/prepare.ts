import { readVariable } from "../environment.ts";
import type { Answers, Preparation } from "./answers.ts";
import { configText } from "./config_text.ts";
import { awsDocuments } from "./policies.ts";
import { programHere } from "./program_here.ts";
import { cronLine, systemdUnits } from "./schedule.ts";

/** All that a new installation on this machine needs. */
export function prepare(answers: Answers, config: string): Preparation {
  const program = programHere();
  const { set } = answers;
  return {
    config,
    text: configText(answers),
    documents: awsDocuments(answers),
    cron: cronLine(program, config, set),
    systemd: systemdUnits(program, config, set, readVariable("USER")),
  };
}
