/** One verified request on its way through an operation. */
import type { Bucket } from "./bucket.ts";
import { arnOf, type Caller, isAllowed, mayPassRole, PASS_ROLE } from "./credentials.ts";
import { invalidArgument, S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";
import type { S3Response } from "./response.ts";
import type { State } from "./state.ts";

/** What an operation is given. */
export class Call {
  /** All that the server holds. */
  readonly state: State;
  /** The request as sent. */
  readonly request: S3Request;
  /** The request's headers and trailers. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, free of framing. */
  readonly body: Uint8Array;
  /** Who calls. */
  readonly caller: Caller;

  /** Puts a call together. */
  constructor(fields: {
    readonly state: State;
    readonly request: S3Request;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array;
    readonly caller: Caller;
  }) {
    this.state = fields.state;
    this.request = fields.request;
    this.headers = fields.headers;
    this.body = fields.body;
    this.caller = fields.caller;
  }

  /**
   * The bucket that the request names.
   *
   * @throws {S3Error} NoSuchBucket.
   */
  get bucket(): Bucket {
    return this.state.bucket(this.request.bucket);
  }

  /** The key that the request names. */
  get key(): string {
    return this.request.key;
  }

  /** The version id that the request names. */
  get versionId(): string | undefined {
    return this.request.query.get("versionId");
  }

  /** A query parameter that counts something, at most `most`. */
  count(name: string, fallback: number, most: number): number {
    const text = this.request.query.get(name) ?? "";
    if (text === "") return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value < 2 ** 31) return Math.min(value, most);
    throw invalidArgument(
      name,
      text,
      `Argument ${name} must be an integer between 0 and 2147483647`,
    );
  }

  /**
   * Refuses what the caller may not do with the bucket and key, or those given.
   *
   * @throws {S3Error} AccessDenied.
   */
  authorize(action: string, bucket: string = this.request.bucket, key: string = this.key): void {
    if (!this.mayDo(action, bucket, key)) throw this.#denied(action, arnOf(bucket, key));
  }

  /** Whether the caller may do that. It is noted when not. */
  mayDo(action: string, bucket: string, key: string): boolean {
    if (isAllowed(this.caller, action, bucket, key)) return true;
    this.state.refusals.push({ action, resource: arnOf(bucket, key) });
    return false;
  }

  /**
   * Refuses a caller who may not have S3 take on the role.
   *
   * @throws {S3Error} AccessDenied.
   */
  authorizeRole(role: string): void {
    if (mayPassRole(this.caller, role)) return;
    this.state.refusals.push({ action: PASS_ROLE, resource: role });
    throw this.#denied(PASS_ROLE, role);
  }

  #denied(action: string, resource: string): S3Error {
    return new S3Error("AccessDenied", {}, {
      message: `User: ${this.caller.accessKeyId} is not authorized to perform: ${action} on ` +
        `resource: "${resource}"`,
    });
  }

  /** True for `encoding-type=url`. */
  get urlEncoding(): boolean {
    const encoding = this.request.query.get("encoding-type");
    if (encoding === undefined || encoding === "url") return encoding === "url";
    throw invalidArgument(
      "encoding-type",
      encoding,
      "Invalid Encoding Method specified in Request",
    );
  }
}

/** How the server carries out an operation. */
export type Handler = (call: Call) => S3Response;

/** An operation and how to tell it from the others. */
export interface Operation {
  /** The name in the S3 API. */
  readonly name: string;
  /** HTTP method. */
  readonly method: string;
  /** What the path names. */
  readonly level: "service" | "bucket" | "object";
  /** Query parameters that must be there. */
  readonly marks?: readonly string[];
  /** A header that must be there. */
  readonly header?: string;
  /** Query parameters that may be there. */
  readonly parameters?: readonly string[];
  /** The IAM action that it needs, and its form for a given version; none if it asks itself. */
  readonly action?: string | readonly [current: string, version: string];
  /** How it is carried out. */
  readonly handler: Handler;
}
