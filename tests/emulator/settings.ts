/** What a caller of the emulator may choose, and what holds when it does not. */
import type { Credential } from "./credentials.ts";
import type { FaultSubject } from "./faults.ts";
import { checkPolicy, type Policy } from "./policy.ts";

/** Options of an emulator. */
export interface EmulatorOptions {
  /** TCP port on 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number;
  /** Who may call, by access key; default one key, `test`, with the secret `testtest`. */
  readonly credentials?: Readonly<Record<string, Credential>>;
  /**
   * What the roles may do that replication takes on, by their ARNs. Default, and for every other
   * role: everything.
   */
  readonly roles?: Readonly<Record<string, Policy>>;
  /** The server's clock, in milliseconds since 1970; default the machine's. */
  readonly now?: () => number;
  /** The region where a bucket lives unless it says otherwise; default `us-east-1`. */
  readonly region?: string;
  /**
   * Other regions where buckets may live. A request signed for one of the emulator's regions that
   * names a bucket of another is redirected (301); one signed for any other region is malformed
   * (400).
   */
  readonly otherRegions?: readonly string[];
  /** Decides version ids, request ids and faults; default 1. */
  readonly seed?: number;
  /** Milliseconds before an answer is written, or a function that decides them; default 0. */
  readonly latency?: number | ((request: FaultSubject) => number);
  /** True for Ceph RGW's listing, which begins at a lone KeyMarker and not after it. */
  readonly inclusiveKeyMarker?: boolean;
  /** Most entries of a listing page, whatever the client asks for; default 1,000. */
  readonly pageSize?: number;
  /** True for listing pages that are cut short at random places, as Ceph RGW's are. */
  readonly shortPages?: boolean;
  /** True for uploads in parts that take no tags when they are begun, as Ceph RGW's do. */
  readonly dropsUploadTags?: boolean;
  /** Least bytes of a part that is not the last; default 5 MiB. */
  readonly minimumPartSize?: number;
  /** Most bytes that one CopyObject or UploadPartCopy copies; default 5 GiB. */
  readonly copyLimit?: number;
  /** How far a request's time may be off, in milliseconds; not checked by default. */
  readonly clockSkew?: number;
  /** Milliseconds between a write and its replication; default 0, still asynchronous. */
  readonly replicationLag?: number;
  /** Milliseconds between RestoreObject and a readable copy; default 0. */
  readonly thawTime?: number;
}

/** Options with their defaults in place. */
export interface Settings
  extends Required<Omit<EmulatorOptions, "clockSkew" | "credentials" | "roles">> {
  /** By access key. */
  readonly credentials: ReadonlyMap<string, Credential>;
  /** By ARN. */
  readonly roles: ReadonlyMap<string, Policy>;
  /** Undefined is not checked. */
  readonly clockSkew: number | undefined;
}

/** Least bytes of a part, but for the last: 5 MiB. */
const MINIMUM_PART_SIZE = 5 * 1024 ** 2;
/** Most bytes of one copy: 5 GiB. */
const COPY_LIMIT = 5 * 1024 ** 3;
/** Most entries of a page. */
export const PAGE_SIZE = 1_000;

/** Fills in the defaults. */
export function resolveOptions(options: EmulatorOptions): Settings {
  const { credentials = { test: { secretAccessKey: "testtest" } }, roles = {} } = options;
  for (const { policy } of Object.values(credentials)) if (policy) checkPolicy(policy);
  Object.values(roles).forEach(checkPolicy);
  return {
    port: options.port ?? 0,
    credentials: new Map(Object.entries(credentials)),
    roles: new Map(Object.entries(roles)),
    now: options.now ?? Date.now,
    region: options.region ?? "us-east-1",
    otherRegions: options.otherRegions ?? [],
    seed: options.seed ?? 1,
    latency: options.latency ?? 0,
    inclusiveKeyMarker: options.inclusiveKeyMarker ?? false,
    pageSize: options.pageSize ?? PAGE_SIZE,
    shortPages: options.shortPages ?? false,
    dropsUploadTags: options.dropsUploadTags ?? false,
    minimumPartSize: options.minimumPartSize ?? MINIMUM_PART_SIZE,
    copyLimit: options.copyLimit ?? COPY_LIMIT,
    clockSkew: options.clockSkew,
    replicationLag: options.replicationLag ?? 0,
    thawTime: options.thawTime ?? 0,
  };
}
