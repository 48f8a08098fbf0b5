import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";
import { changedError, type CurrentObject, currentObject, isAsSeen } from "./current_object.ts";
import { pause } from "./pause.ts";

/** The headers by which a write depends on what it replaces. */
export interface WriteCondition {
  /** A quoted ETag, or `*` for any object. */
  readonly IfMatch?: string;
  /** `*`: only where there is no object. */
  readonly IfNoneMatch?: "*";
}

/** A write that must not replace anything but what was seen. */
export interface GuardedWrite {
  /** The S3 API's name of the operation. */
  readonly operation: string;
  readonly key: string;
  /** ETag of what may be replaced; empty for nothing, `*` for any object. */
  readonly seenETag: string;
  /** ETag that the object will have, to recognise a write whose answer was lost. */
  readonly newETag: string;
  /** Whether the write may be sent with a condition that cannot hold, to see what the server does. */
  readonly mayProbe: boolean;
  /** Sends it; may be called more than once. */
  readonly send: (condition: WriteCondition) => Promise<CurrentObject>;
  /** Abort: the request is given up and the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** What a server does about a condition: unknown until it was seen to refuse a write by it. */
type Trust = "unknown" | "honoured" | "unusable";
type Kind = keyof WriteCondition;

/** What no object's ETag is; quoted. */
export const NO_ETAG = `"${"0".repeat(32)}"`;
/** Statuses of a condition that does not hold; 404 is what If-Match gets where nothing is. */
const NOT_MET = [404, 409, 412];
/** Looks at empty keys that are worth less than a version too many. */
const LOOKS_BEFORE_PROBE = 100;
/** Tries of a write that met another one of the same key (409). */
const MAX_CONFLICTS = 4;

/**
 * Keeps writes to a bucket from replacing what a plan has not seen.
 *
 * Every write carries its condition, so that a server that knows it decides in one step. Whether it
 * does is not taken on trust: until a condition was seen to refuse something, the key is also looked
 * at (HEAD) just before. One write for each operation and kind of condition serves as the probe:
 * over an object that is there, looked at like any other, it is first sent with a condition that
 * cannot hold. A server that refuses it is trusted from then on, and asked again properly; one that
 * carries it out has done what was wanted, and the looking goes on to the end. What is written in
 * the moment between look and write is then overwritten, and stays in the key's history.
 */
export class TargetGuard {
  readonly #bucket: Bucket;
  readonly #trust = new Map<string, Trust>();
  readonly #probing = new Set<string>();
  /** At keys that held nothing. */
  #looks = 0;

  /** For writes to `bucket`. */
  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /**
   * Write, unless the key holds something else than was seen.
   *
   * @returns what `send` gave, or the object that an earlier try has made already
   * @throws {S3Error} `TargetChanged` when it does; otherwise whatever the server refused
   */
  async write(write: GuardedWrite): Promise<CurrentObject> {
    for (let conflicts = 0;;) {
      const kind = write.seenETag === "" ? "IfNoneMatch" : "IfMatch";
      const trust = this.#trustOf(write.operation, kind);
      if (trust !== "honoured") {
        await this.assertUnchanged(write);
        const probed = await this.#probe(write);
        if (probed) return probed;
      }
      const condition = trust === "unusable" ? {} : conditionOf(write.seenETag);
      try {
        const written = await write.send(condition);
        return trust === "unknown" && await this.#probeAgain(write) || written;
      } catch (error) {
        if (trust === "unusable" || !(error instanceof S3Error)) throw error;
        const done = await this.#judge(error, write, kind);
        if (done) return done;
        if (error.status !== 409) continue;
        if (++conflicts === MAX_CONFLICTS) throw error;
        await pause(this.#bucket.retryPause, write.signal);
      }
    }
  }

  /** Look. @throws {S3Error} `TargetChanged` when the key holds something else than was seen */
  async assertUnchanged(
    { key, seenETag, signal }: Pick<GuardedWrite, "key" | "seenETag" | "signal">,
  ): Promise<void> {
    const current = await currentObject(this.#bucket, key, signal);
    if (!isAsSeen(current, seenETag)) throw changedError(this.#bucket, key, seenETag, current);
  }

  /** Try out what is not known yet. Undefined unless the write was carried out. */
  async #probe(write: GuardedWrite): Promise<CurrentObject | undefined> {
    const { operation, seenETag, mayProbe } = write;
    if (!mayProbe || seenETag === "" || this.#probing.has(operation)) return;
    this.#probing.add(operation);
    try {
      for (const kind of ["IfMatch", "IfNoneMatch"] as const) {
        if (this.#trustOf(operation, kind) !== "unknown") continue;
        const written = await this.#tryOut(write, kind);
        if (written) return written;
      }
    } finally {
      this.#probing.delete(operation);
    }
  }

  /**
   * Once many keys were looked at only because nothing was under any of them, repeat a write: now
   * there is something, and a server that knows `If-None-Match` refuses. One that does not has made
   * one more version of the same bytes.
   */
  async #probeAgain(write: GuardedWrite): Promise<CurrentObject | undefined> {
    if (write.seenETag !== "" || ++this.#looks < LOOKS_BEFORE_PROBE) return;
    return await this.#probe({ ...write, seenETag: "*" });
  }

  /** Send the write with a condition that is false of what is there. */
  async #tryOut(
    { operation, send }: GuardedWrite,
    kind: Kind,
  ): Promise<CurrentObject | undefined> {
    try {
      const written = await send(kind === "IfMatch" ? { IfMatch: NO_ETAG } : { IfNoneMatch: "*" });
      this.#trust.set(operation + kind, "unusable");
      return written;
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      if (error.status === 412) this.#trust.set(operation + kind, "honoured");
      else if (isUnknownHeader(error)) this.#trust.set(operation + kind, "unusable");
      else if (!NOT_MET.includes(error.status ?? 0)) throw error;
    }
  }

  /**
   * Why a conditional write was refused: because it had been done already (the object is given),
   * because the server makes nothing of the condition or another write was under way (undefined),
   * or because the key changed (thrown).
   */
  async #judge(
    error: S3Error,
    { operation, key, seenETag, newETag, signal }: GuardedWrite,
    kind: Kind,
  ): Promise<CurrentObject | undefined> {
    if (isUnknownHeader(error)) return void this.#trust.set(operation + kind, "unusable");
    if (!NOT_MET.includes(error.status ?? 0) || isOfTheBucket(error)) throw error;
    const current = await currentObject(this.#bucket, key, signal);
    if (isAsSeen(current, seenETag)) {
      if (error.status !== 409) this.#trust.set(operation + kind, "unusable");
      return;
    }
    // The answer to an earlier try was lost, or somebody else has brought the same bytes back.
    if (current && current.etag === newETag) return current;
    throw changedError(this.#bucket, key, seenETag, current);
  }

  #trustOf(operation: string, kind: Kind): Trust {
    return this.#trust.get(operation + kind) ?? "unknown";
  }
}

function conditionOf(seenETag: string): WriteCondition {
  if (seenETag === "") return { IfNoneMatch: "*" };
  return { IfMatch: seenETag === "*" ? "*" : `"${seenETag}"` };
}

function isUnknownHeader({ status }: S3Error): boolean {
  return status === 501;
}

/** A 404 that says nothing about the key. */
function isOfTheBucket({ code }: S3Error): boolean {
  return code === "NoSuchBucket" || code === "NoSuchUpload" || code === "NoSuchVersion";
}
