/** A guard in the code, and what the code would be without it. */
export interface Guard {
  /** What it keeps. */
  readonly what: string;
  /** From the project's root. */
  readonly file: string;
  /** What stands there, exactly once. */
  readonly code: string;
  readonly without: string;
}

/**
 * What stands between a mistake, a crash or another's work and the loss of data. Not here is what
 * another guard makes up for, or matters too seldom to be seen here; these have tests of their own.
 * So it is with how the lock's chain is appended to (lock_test.ts: a holder that should not be one
 * notices before its first change), with the end of a snapshot's second (snapshot_moment_test.ts)
 * and with looks just before a change (gc_unreferenced_test.ts, restore_faults_test.ts).
 */
export const GUARDS: readonly Guard[] = [
  // Which versions go.
  {
    what: "a version that is current stays",
    file: "lib/gc/fresh_look.ts",
    code: "if ((page.flags[row]! & LATEST) !== 0) return false;",
    without: "",
  },
  {
    what: "a version that a kept point names stays",
    file: "lib/gc/candidates.ts",
    code: "other.live && hasSameId(named, other)",
    without: "false",
  },
  {
    what: "a null version that is another object stays",
    file: "lib/gc/fresh_look.ts",
    code: 'candidate.versionId !== "null" || isSameNull(candidate, page, row)',
    without: "true",
  },
  {
    what: "a version that a point of another prefix names stays",
    file: "lib/gc/series.ts",
    code: "return a.name === b.name && (mine.startsWith(theirs) || theirs.startsWith(mine));",
    without: "return a.name === b.name && mine === theirs;",
  },
  {
    what: "a version that a point names which was written meanwhile stays",
    file: "lib/gc/collect.ts",
    code: "const after = dryRun ? before : await readAllPoints(store, { ...reading, before });",
    without: "const after = before;",
  },
  {
    what: "a damaged point can be given up",
    file: "lib/gc/select_parts.ts",
    code: 'if (!(error instanceof SnapshotError && error.code === "CorruptSnapshot")) throw error;',
    without: "throw error;",
  },
  {
    what: "a point that is listed counts as one, though the store has lost it",
    file: "lib/model/get_listed.ts",
    code: "if (!isNotFound(error) || !await isListed(store, name, options)) throw error;",
    without: "throw error;",
  },
  // Which points go.
  {
    what: "points of another bucket or prefix are not judged",
    file: "lib/gc/series.ts",
    code: 'return isSameBucket(a, b) && (a.prefix ?? "") === (b.prefix ?? "");',
    without: "return true;",
  },
  {
    what: "delete refuses a point of another bucket",
    file: "lib/delete_snapshots.ts",
    code: "if (!point || own.includes(point)) return;",
    without: "if (point) (own as Point[]).push(point); return;",
  },
  {
    what: "delete refuses a pinned point",
    file: "lib/delete_snapshots.ts",
    code: "if (found.pinned) {",
    without: "if (false) {",
  },
  {
    what: "gc keeps a pinned point",
    file: "lib/model/retention.ts",
    code: 'if (point.pinned) keep(point, "pinned");',
    without: "",
  },
  {
    what: "gc keeps the newest point",
    file: "lib/model/retention.ts",
    code: 'if (points[0]) keep(points[0], "newest");',
    without: "",
  },
  {
    what: "gc keeps the minimum redundancy",
    file: "lib/model/retention.ts",
    code: "ageing.slice(0, policy.minimumRedundancy ?? 0)",
    without: "ageing.slice(0, 0)",
  },
  {
    what: "gc keeps a point of the future, and lets it push no other out",
    file: "lib/model/retention.ts",
    code: "const past = points.filter(({ asOf }) => asOf <= now);",
    without: "const past = points;",
  },
  {
    what: "gc keeps a safety snapshot while it is young",
    file: "lib/model/retention.ts",
    code: "if (point.asOf >= now - days * DAY) {\n      keep(point, `safety",
    without: "if (false) {\n      keep(point, `safety",
  },
  {
    what: "a point whose removal was begun counts for nothing",
    file: "lib/gc.ts",
    code: "const whole = own.filter(({ expired }) => !expired)",
    without: "const whole = own.filter(() => true)",
  },
  // In which order.
  {
    what: "every point is read before one is marked",
    file: "lib/gc/collect.ts",
    code:
      "await this.#ensureReadable(expired, protectors(before.points, doomed, replica.identity));",
    without: "",
  },
  {
    what: "points are marked before versions go",
    file: "lib/gc/collect.ts",
    code: "await markExpired(this.#task.store, point, now, { signal: this.#signal });",
    without: "",
  },
  {
    what: "a dry run changes nothing",
    file: "lib/gc/collect.ts",
    code: "if (this.#settings.dryRun) tally.deleted(doomed, []);",
    without: "if (false) tally.deleted(doomed, []);",
  },
  {
    what: "a point whose version could not be deleted stays marked",
    file: "lib/gc/collect.ts",
    code: "!tally.incomplete.has(index)",
    without: "true",
  },
  {
    what: "a removal that was begun is finished",
    file: "lib/gc.ts",
    code: "own.filter(({ expired }) => expired)",
    without: "own.filter(() => false)",
  },
  {
    what: "the manifest goes before the parts",
    file: "lib/point.ts",
    code: "return [main, ...others, mark];",
    without: "return [...others, main, mark];",
  },
  {
    what: "the mark goes last",
    file: "lib/point.ts",
    code: "return [main, ...others, mark];",
    without: "return [mark, main, ...others];",
  },
  {
    what: "parts without a manifest are removed in the end",
    file: "lib/gc/leftovers.ts",
    code: "const isOrphan = alone &&",
    without: "const isOrphan = false &&",
  },
  // The lock.
  {
    what: "nobody takes a lock that is held",
    file: "lib/lock.ts",
    code: "if (head && isHeld(head.record, now)) throw heldError(store, head.record);",
    without: "",
  },
  {
    what: "a holder notices that another took over",
    file: "lib/lock/held_lock.ts",
    code: "throw this.#lose(head ?",
    without: "void (head ?",
  },
  {
    what: "the lock is confirmed before each deletion",
    file: "lib/gc/collect.ts",
    code: "await this.#guard();\n      const named",
    without: "const named",
  },
  {
    what: "the lock is confirmed before a snapshot exists",
    file: "lib/snapshot.ts",
    code:
      "await assertSafe();\n    const manifest = await writer.finish(describe(options, asOf, createdAt));",
    without: "const manifest = await writer.finish(describe(options, asOf, createdAt));",
  },
  {
    what: "the lock is confirmed before a restore's safety snapshot exists",
    file: "lib/restore/prepare.ts",
    code: "async () => await lock?.assertHeld()",
    without: "async () => {}",
  },
  // Snapshots.
  {
    what: "the server's clock decides about the moment",
    file: "lib/snapshot/moment.ts",
    code: "const now = await serverNow(bucket, signal ? { signal } : {});",
    without: "const now = Date.now() + 0 * await serverNow(bucket, signal ? { signal } : {});",
  },
  {
    what: "a snapshot leaves out what is younger than its moment",
    file: "lib/select_current.ts",
    code: "if (batch.lastModified[row]! > asOf) continue;",
    without: "",
  },
  // What no point names.
  {
    what: "what no point names goes only when it is old",
    file: "lib/gc/find_unreferenced.ts",
    code: "if (since <= this.#options.until) this.due.push(unreferencedAt(page, row, since));",
    without: "this.due.push(unreferencedAt(page, row, since));",
  },
  {
    what: "what no point names goes only when it is so old as was asked for",
    file: "lib/gc/collect.ts",
    code: "Math.min(begin, now - (olderThan ?? 0))",
    without: "begin",
  },
  {
    what: "what no point names goes only when later moments do not need it",
    file: "lib/gc/history_begin.ts",
    code: "return moments[1] ?? moments[0];",
    without: "return moments.at(-1);",
  },
  {
    what: "what a point names is not swept",
    file: "lib/gc/find_unreferenced.ts",
    code: "if (named.has(page, row)) return;",
    without: "",
  },
  {
    what: "a delete marker goes only when nothing is left below it",
    file: "lib/gc/find_unreferenced.ts",
    code: "if (!marker || !isLone) return;",
    without: "if (!marker) return;",
  },
  // Restores.
  {
    what: "there is a way back before the first change",
    file: "lib/restore/prepare.ts",
    code: "const safety = store ?",
    without: "const safety = store && false ?",
  },
  {
    what: "delete markers are removed only where that was asked for",
    file: "lib/restore_plan.ts",
    code: "undelete: undelete ?? (inPlace && isAlone)",
    without: "undelete: undelete ?? true",
  },
  {
    what: "a key that changed since the plan is left",
    file: "lib/s3/current_object.ts",
    code: 'return current ? seenETag === "*" || current.etag === seenETag : seenETag === "";',
    without: "return true;",
  },
];
