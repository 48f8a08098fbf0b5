/**
 * What a command that nobody watches may do, whatever buckets, stores, plugins and ways to
 * credentials it is used with: a profile's `credential_process` is any program, and without HOME, as
 * systemd runs a service, the SDK asks the operating system for the home directory. It never prompts.
 */
export const GRANTED_PERMISSIONS: readonly string[] = [
  "--no-prompt",
  "--allow-net",
  "--allow-env",
  "--allow-read",
  "--allow-write",
  "--allow-import",
  "--allow-run",
  "--allow-sys=osRelease,uid,homedir",
];
