/** This release. The same stands in deno.json. */
export const VERSION = "0.1.0";
