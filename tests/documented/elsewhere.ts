/** Command lines of the documents that are not run with the others, and what runs them instead. */

/** Lines, and what proves them. */
export interface Elsewhere {
  readonly lines: RegExp;
  /** A file of this repository. */
  readonly by: string;
  /** What must stand in it. */
  readonly says: string;
}

/** Each must match a line that some document holds. */
export const ELSEWHERE: readonly Elsewhere[] = [
  { lines: /^deno task demo$/, by: "tests/cli_demo_test.ts", says: "tasks.demo" },
  { lines: /^deno task (ok|test)$/, by: ".ci/run", says: "deno task test" },
  { lines: /^npx --yes deno@2\.9\.6 task \w+$/, by: ".ci/run", says: "npm install --global" },
  { lines: /^deno task (bundle|compile)$/, by: "tests/release_test.ts", says: "compile" },
  { lines: /^deno task bench$/, by: "bench/main.ts", says: "--list" },
  { lines: /^deno task simulate$/, by: "tests/simulation_test.ts", says: "simulation" },
  { lines: /^deno task test:guards$/, by: "tests/simulation/check_guards.ts", says: "guard" },
  { lines: /^deno task help-texts$/, by: "deno.json", says: "help-texts" },
  {
    lines: /^deno run (--allow-\S+ )*cli\.ts /,
    by: "tests/cli_permissions_test.ts",
    says: "documentedLines",
  },
  {
    lines: /^curl -O .*\/docs\/backup-my-bucket\.1$/,
    by: "tests/remote_test.ts",
    says: "curl -O",
  },
  { lines: /^man -l docs\/backup-my-bucket\.1$/, by: "tests/shells/man.ts", says: "man" },
  { lines: /\| jq /, by: "tests/shells/documented_pipes.ts", says: "jq" },
  // Another program's.
  { lines: /^backup-my-bucket sync --backup-dir$/, by: "README.md", says: "[rclone]" },
];
