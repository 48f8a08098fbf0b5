/** The server says its time in whole seconds: so many milliseconds more may have passed. */
export const CLOCK_PRECISION = 999;
