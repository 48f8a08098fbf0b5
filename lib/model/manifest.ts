/** The version of the files' layout that this release writes; see docs/FORMAT.md. */
export const FORMAT_VERSION = 1;

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

/** One file of entries: a range of keys, in order. */
export interface PartInfo {
  /** File name below the snapshot's own: `part-00000`. */
  readonly name: string;
  readonly firstKey: string;
  readonly lastKey: string;
  readonly entries: number;
  /** Bytes of the file. */
  readonly size: number;
  /** Of the file's bytes, in lower-case hexadecimal. */
  readonly sha256: string;
  /** Keys of this part in order, at least every {@linkcode MAX_ENTRIES_BETWEEN_SPLIT_KEYS}. */
  readonly splitKeys: readonly string[];
}

/** How far apart, in entries, the split keys of a part may be. */
export const MAX_ENTRIES_BETWEEN_SPLIT_KEYS = 8192;

/** What a snapshot is, written after everything it names: it exists once this does. */
export interface Manifest {
  readonly format: typeof FORMAT_VERSION;
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
