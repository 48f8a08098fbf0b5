/** Whatever a run is about may fail: so many failures a report holds, and counts the others. */
export const MAX_FAILURES_TOLD = 10_000;
