/** The layout of a snapshot whose parts are all as they are written; see docs/FORMAT.md. */
export const FORMAT_VERSION = 1;

/** The layout of one in which parts have patches, and of the patches' own files. */
export const PATCHED_FORMAT_VERSION = 2;

/** Where a snapshot's versions are. No credentials, ever. */
export interface BucketIdentity {
  /** The bucket's name alone. */
  readonly name: string;
  /** Only keys that begin with it are in the snapshot; left out, all are. */
  readonly prefix?: string;
  /** Left out where it is not known. */
  readonly region?: string;
  /** Left out for AWS itself. */
  readonly endpoint?: string;
}

/** A file of rows in the order of their keys. */
export interface FileInfo {
  /** File name below the snapshot's own. */
  readonly name: string;
  readonly firstKey: string;
  readonly lastKey: string;
  /** Rows; at least 1. */
  readonly entries: number;
  /** Bytes of the file. */
  readonly size: number;
  /** Of the file's bytes, in lower-case hexadecimal. */
  readonly sha256: string;
}

/**
 * One file of entries, `part-00000`: a range of keys, in order. What it says is of the file; with a
 * patch the snapshot holds something else there, see `lib/index/part_bounds.ts`.
 */
export interface PartInfo extends FileInfo {
  /** Keys of the file in order, at least every {@linkcode MAX_ENTRIES_BETWEEN_SPLIT_KEYS}. */
  readonly splitKeys: readonly string[];
  /** What the snapshot holds in place of some of the file's entries. Left out: it holds them all. */
  readonly patch?: PatchInfo;
}

/** One file of changes, `patch-00000`, to the part that the snapshot before had, too. */
export interface PatchInfo extends FileInfo {
  /** Rows whose keys the part's file lacks. */
  readonly added: number;
  /** Rows that say that the snapshot lacks a key of the part's file. */
  readonly removed: number;
}

/** How far apart, in entries, the split keys of a part may be. */
export const MAX_ENTRIES_BETWEEN_SPLIT_KEYS = 8192;

/** What a snapshot is, written after everything it names: it exists once this does. */
export interface Manifest {
  /** The second if and only if a part has a patch, in what this release writes. */
  readonly format: typeof FORMAT_VERSION | typeof PATCHED_FORMAT_VERSION;
  /** Who wrote it, for a reader of the file: `backup-my-bucket 0.1.0`. */
  readonly tool: string;
  readonly id: string;
  /** When it was finished, by the bucket server's clock. ISO 8601, UTC. */
  readonly createdAt: string;
  /** The moment it shows, by the bucket server's clock. ISO 8601, UTC. */
  readonly asOf: string;
  /** The bucket that holds the versions: the replica, or the only bucket. */
  readonly bucket: BucketIdentity;
  /** Text for humans, given with `--label`. */
  readonly label?: string;
  /**
   * The snapshot whose restore made this one first, so that the restore can be undone; of a restore
   * without a snapshot the moment that it brought back, in ISO 8601.
   */
  readonly safetyFor?: string;
  readonly totals: {
    readonly objects: number;
    /** Sum of the objects' sizes. */
    readonly bytes: number;
  };
  /** In key order; their ranges are disjoint. */
  readonly parts: readonly PartInfo[];
}
