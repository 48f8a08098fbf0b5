/**
 * Base of every error that this library raises on purpose. The message says what could not be
 * done, to what, why, and what to do; it may change between releases. The code does not.
 */
export class BackupError extends Error {
  /** The class, as it stands in a stack trace. */
  override readonly name: string = "BackupError";
  /** Stable, for scripts; one of the codes of the subclass. */
  readonly code: string;
  /** Whether the same call may succeed later without anything being changed. */
  readonly retryable: boolean;

  /** `cause` is the error of the layer below, where there is one. */
  constructor(
    code: string,
    message: string,
    options: { readonly cause?: unknown; readonly retryable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** What the caller handed in cannot be used: an option, a URL, a configuration, a time. */
export class InputError extends BackupError {
  /** The class, as it stands in a stack trace. */
  override readonly name = "InputError";

  /** The message must say what would be accepted. */
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super("InvalidInput", message, options);
  }
}

/**
 * Why a store refused or failed:
 *
 * - `NotFound`: `get` of a name that is not there.
 * - `AlreadyExists`: a createOnly `put` of a name that is.
 * - `Unsupported`: the store cannot give the promise that was asked for.
 * - `InvalidName`: the name is not one that {@linkcode assertStoreName} accepts.
 * - `Denied`: no permission to read or write there.
 * - `NoSpace`: the disk, the quota or the account is full.
 * - `Corrupt`: the store's own structures contradict each other, or bytes are missing.
 * - `Closed`: the store was disposed of.
 * - `Unavailable`: anything else that kept the store from answering; often retryable.
 */
export type StoreErrorCode =
  | "NotFound"
  | "AlreadyExists"
  | "Unsupported"
  | "InvalidName"
  | "Denied"
  | "NoSpace"
  | "Corrupt"
  | "Closed"
  | "Unavailable";

/** What every {@linkcode SnapshotStore} rejects with, except an abort (its signal's reason). */
export class StoreError extends BackupError {
  /** The class, as it stands in a stack trace. */
  override readonly name = "StoreError";
  /** See {@linkcode StoreErrorCode}. */
  declare readonly code: StoreErrorCode;
  /** Of `Unsupported`: whether no store can be where this one is, and the message says where else. */
  readonly misplaced: boolean;

  /** The message must name the store and the name that was asked for. */
  constructor(
    code: StoreErrorCode,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly retryable?: boolean;
      readonly misplaced?: boolean;
    } = {},
  ) {
    super(code, message, options);
    this.misplaced = options.misplaced ?? false;
  }
}

/**
 * What is wrong with a snapshot:
 *
 * - `UnknownSnapshot`: no snapshot has that name.
 * - `AmbiguousSnapshot`: more than one begins like that.
 * - `CorruptSnapshot`: its manifest or a part is damaged, cut short or missing.
 * - `ExpiredSnapshot`: gc has begun to remove it, so some of its versions may be gone.
 * - `NewerFormat`: a later release wrote it.
 */
export type SnapshotErrorCode =
  | "UnknownSnapshot"
  | "AmbiguousSnapshot"
  | "CorruptSnapshot"
  | "ExpiredSnapshot"
  | "NewerFormat";

/** A snapshot that cannot be found, read or used. */
export class SnapshotError extends BackupError {
  /** The class, as it stands in a stack trace. */
  override readonly name = "SnapshotError";
  /** See {@linkcode SnapshotErrorCode}. */
  declare readonly code: SnapshotErrorCode;

  /** The message must name the snapshot, and the file where one is at fault. */
  constructor(
    code: SnapshotErrorCode,
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(code, message, options);
  }
}

/**
 * Why the lock of a store did not help:
 *
 * - `LockHeld`: somebody else holds it.
 * - `LockLost`: it was held here, but ran out or was taken; nothing more may be changed under it.
 */
export type LockErrorCode = "LockHeld" | "LockLost";

/** The store's lock is somebody else's. */
export class LockError extends BackupError {
  /** The class, as it stands in a stack trace. */
  override readonly name = "LockError";
  /** What is wrong with the lock. */
  declare readonly code: LockErrorCode;

  /** The message must name the store, the holder, since and until when, and what to do. */
  constructor(code: LockErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(code, message, { ...options, retryable: true });
  }
}

/**
 * What a bucket's server refused. `code` is the server's own (`NoSuchBucket`, `AccessDenied`,
 * `SlowDown`, ...), or one of ours: `Unreachable`, `NoCredentials` and `Closed` where no server
 * was asked or answered; `NotVersioned`, `NoServerTime`, `UnreadableAnswer`, `UnorderedListing`
 * and `StuckListing` for answers that cannot be worked with; `NoSuchVersion` and `VersionChanged`
 * for a version that is not what it was.
 */
export class S3Error extends BackupError {
  /** The class, as it stands in a stack trace. */
  override readonly name = "S3Error";
  /** HTTP status, where a server answered. */
  readonly status: number | undefined;

  /** The message must name the bucket, and the key where there is one. */
  constructor(
    code: string,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly retryable?: boolean;
      readonly status?: number | undefined;
    } = {},
  ) {
    super(code, message, options);
    this.status = options.status;
  }
}
