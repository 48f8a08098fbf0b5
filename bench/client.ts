/** The client process of a measurement: `client.ts TASK OPTIONS`, one JSON document on stdout. */
import { cpuUsage, resourceUsage } from "node:process";
import type { ClientReport } from "./client_process.ts";
import { type Task, type TaskName, TASKS } from "./tasks/tasks.ts";

async function main([name = "", options = "{}"]: readonly string[]): Promise<void> {
  if (!Object.hasOwn(TASKS, name)) throw new TypeError(`there is no task ${name}`);
  // Whoever started this process has checked that name and options belong together.
  const task = await TASKS[name as TaskName]() as Task<unknown>;
  const before = cpuUsage();
  const began = performance.now();
  const answer = await task(JSON.parse(options));
  const wallSeconds = (performance.now() - began) / 1000;
  const { user, system } = cpuUsage(before);
  const report: ClientReport<unknown> = {
    answer,
    wallSeconds,
    cpuSeconds: (user + system) / 1e6,
    peakMiB: resourceUsage().maxRSS / 1024,
  };
  console.log(JSON.stringify(report));
}

await main(Deno.args);
