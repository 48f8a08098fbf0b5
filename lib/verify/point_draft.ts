import type { BackupError } from "../model/errors.ts";
import type { Point } from "../point.ts";
import type { VerifiedPoint, VerifiedState } from "./report.ts";

/** Problems of one point that are told; the rest is counted. */
const MAX_PROBLEMS = 20;

/** What is found of a point, while it is being found. */
export class PointDraft {
  readonly id: string;
  readonly kind: Point["kind"];
  /** Undefined where it cannot be opened. */
  readonly point: Point | undefined;
  /** gc or delete has begun to remove it. */
  expired: boolean;
  objects = 0;
  bytes = 0;
  /** Counted only where the versions are looked for. */
  missing = 0;
  changed = 0;
  unreadable = 0;
  archived = 0;
  /** Whether the versions were looked for. */
  lookedFor = false;
  notLookedFor: string | null = null;
  #problemCount = 0;
  readonly #problems: string[] = [];

  /** Nothing is known yet, but for the error where the point cannot be opened. */
  constructor(
    { id, kind, expired, point, error }: {
      readonly id: string;
      readonly kind: Point["kind"];
      readonly expired: boolean;
      readonly point?: Point | undefined;
      readonly error?: BackupError | undefined;
    },
  ) {
    this.id = id;
    this.kind = kind;
    this.point = point;
    this.expired = expired;
    if (error) this.addProblem(error.message);
  }

  /** Something is wrong with the point's files. */
  addProblem(text: string): void {
    this.#problemCount++;
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(text);
  }

  /** Whether its files are sound, as far as is known. */
  get isSound(): boolean {
    return this.#problemCount === 0;
  }

  /** See {@linkcode VerifiedState}. */
  get state(): VerifiedState {
    if (this.expired) return "expired";
    if (!this.isSound) return "damaged";
    return this.missing + this.changed + this.unreadable > 0 ? "incomplete" : "ok";
  }

  /** The report's line. */
  finish(): VerifiedPoint {
    const { id, kind, state, objects, bytes, missing, changed, unreadable, archived } = this;
    const counts = { missing, changed, unreadable, archived };
    const unknown = { missing: null, changed: null, unreadable: null, archived: null };
    return {
      id,
      kind,
      state,
      objects,
      bytes,
      problems: this.#problems,
      problemCount: this.#problemCount,
      ...(this.lookedFor ? counts : unknown),
      notLookedFor: this.notLookedFor,
    };
  }
}
