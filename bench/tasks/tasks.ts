/** Does the work that is measured. Its options come from JSON, and its answer becomes JSON. */
export type Task<Options> = (options: Options) => unknown;

/** By name; each is loaded alone, so that a process holds nothing that it does not need. */
export const TASKS = {
  codeEntries: async () => (await import("./code_entries.ts")).codeEntries,
  collectPoints: async () => (await import("./gc_points.ts")).collectPoints,
  compareScanners: async () => (await import("./compare_scanners.ts")).compareScanners,
  deleteAll: async () => (await import("./restore_bucket.ts")).deleteAll,
  downloadAndUpload: async () => (await import("./copy_bucket.ts")).downloadAndUpload,
  fillBucket: async () => (await import("./bench_bucket.ts")).fillBucket,
  fillPoints: async () => (await import("./gc_points.ts")).fillPoints,
  listWithRanges: async () => (await import("./list_with_ranges.ts")).listWithRanges,
  listWithSdk: async () => (await import("./list_with_sdk.ts")).listWithSdk,
  makeBucket: async () => (await import("./copy_bucket.ts")).makeBucket,
  mergeSnapshots: async () => (await import("./merge_snapshots.ts")).mergeSnapshots,
  planGc: async () => (await import("./gc_points.ts")).planGc,
  readPoints: async () => (await import("./gc_points.ts")).readPoints,
  removeBucket: async () => (await import("./bench_bucket.ts")).removeBucket,
  restoreBucket: async () => (await import("./restore_bucket.ts")).restoreBucket,
  restoreByCopies: async () => (await import("./copy_bucket.ts")).restoreByCopies,
  takeSnapshot: async () => (await import("./take_snapshot.ts")).takeSnapshot,
  weighOddEntries: async () => (await import("./weigh_odd_entries.ts")).weighOddEntries,
  writeLinesWithSdk: async () => (await import("./list_with_sdk.ts")).writeLinesWithSdk,
} satisfies Record<string, () => Promise<Task<never>>>;

/** One of them. */
export type TaskName = keyof typeof TASKS;

/** What a task is told. */
export type TaskOptions<Name extends TaskName> = Parameters<
  Awaited<ReturnType<typeof TASKS[Name]>>
>[0];

/** What a task answers. */
export type TaskAnswer<Name extends TaskName> = Awaited<
  ReturnType<Awaited<ReturnType<typeof TASKS[Name]>>>
>;
