/** How far an operation has come. */
export interface Progress {
  /**
   * What it is doing: `listing` a bucket, `planning` from a snapshot and a listing, `copying`
   * versions, `downloading` them, `deleting` versions or putting delete markers, `verifying` a snapshot's files,
   * `reading` objects.
   */
  readonly phase:
    | "listing"
    | "planning"
    | "copying"
    | "downloading"
    | "deleting"
    | "verifying"
    | "reading";
  /** Objects or versions done in this phase. */
  readonly objects: number;
  /** Bytes of these objects. */
  readonly bytes: number;
  /** What the phase will come to, where that is known. */
  readonly total?: { readonly objects: number; readonly bytes?: number };
}

/** Called often, and not waited for. What it throws ends the operation. */
export type OnProgress = (progress: Progress) => void;
