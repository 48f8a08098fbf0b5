/**
 * What a command that nobody watches may do, whatever buckets, stores, plugins and ways to
 * credentials it is used with: a profile's `credential_process` is any program. It never asks.
 */
export const GRANTED_PERMISSIONS: readonly string[] = [
  "--no-prompt",
  "--allow-net",
  "--allow-env",
  "--allow-read",
  "--allow-write",
  "--allow-import",
  "--allow-run",
  "--allow-sys=osRelease",
];
