import { readVariable } from "../environment.ts";
import type { Answers, Preparation } from "./answers.ts";
import { configText } from "./config_text.ts";
import { awsDocuments } from "./policies.ts";
import { programHere } from "./program_here.ts";
import { cronLine, systemdUnits } from "./schedule.ts";
import { adviceOn, scheduledEnvironment } from "./scheduled_environment.ts";

/** All that a new installation on this machine needs. */
export function prepare(answers: Answers, config: string): Preparation {
  const environment = scheduledEnvironment(answers);
  const advice = adviceOn(environment);
  const schedule = {
    ...{ program: programHere(), config, set: answers.set, environment },
    user: readVariable("USER"),
  };
  return {
    config,
    text: configText(answers),
    documents: awsDocuments(answers),
    cron: cronLine(schedule),
    systemd: systemdUnits(schedule),
    warnings: advice === undefined ? [] : [advice],
  };
}
