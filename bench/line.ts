import type { ClientReport } from "./client_process.ts";
import type { Line } from "./result.ts";

/** A client's report on as many entries or versions as it answers. */
export function lineOf(
  subject: string,
  { answer, wallSeconds, cpuSeconds, peakMiB }: ClientReport<number>,
): Line & { readonly perSecond: number } {
  const perSecond = answer / wallSeconds;
  return { subject, amount: answer, wallSeconds, cpuSeconds, perSecond, peakMiB };
}
