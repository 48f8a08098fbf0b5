import { Option } from "npm:@commander-js/extra-typings@15.1.0";

/** Of each command that is worth watching. */
export function metricsOption(): Option<"--metrics <file>", undefined> {
  return new Option("--metrics <file>", "tell Prometheus' textfile collector how it ended");
}

/** Of each command that is worth watching. */
export function pingOption(): Option<"--ping <url>", undefined> {
  return new Option("--ping <url>", "ask for this URL once all is done and well");
}
