import type { ReplicationConfiguration, ReplicationRule } from "npm:@aws-sdk/client-s3@3.1169.0";
import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";
import { REPLICATION_RULE_ID, replicationConfiguration } from "./replication.ts";

/** How two buckets are replicated, and in which direction they are to be. */
export interface Replication {
  /** The bucket that applications write to until now. */
  readonly source: Bucket;
  /** Its replica, which becomes the source. */
  readonly replica: Bucket;
  /** The role that S3 takes on for the other direction. */
  readonly role: string;
  /** Of the source until now; undefined for none, or where it is not asked. */
  readonly ofSource: ReplicationConfiguration | undefined;
  /** Of the replica until now; undefined for none. */
  readonly ofReplica: ReplicationConfiguration | undefined;
}

/** What S3 is to be told of the two. */
export interface TurnedReplication {
  /** Of the new source: its rules until now, and the one in the other direction. */
  readonly ofReplica: ReplicationConfiguration;
  /** Of the old source: its rules for other keys or other buckets; undefined where there are none. */
  readonly ofSource: ReplicationConfiguration | undefined;
}

/**
 * The replication of two buckets in the other direction. Rules that are about something else stay as
 * they are.
 *
 * @throws {S3Error} `ForeignReplication`, with their names and what to do, where they cannot stay
 */
export function turnReplication(replication: Replication): TurnedReplication {
  return { ofSource: leftInSource(replication), ofReplica: addedToReplica(replication) };
}

function leftInSource(
  { source, replica, ofSource }: Replication,
): ReplicationConfiguration | undefined {
  const { Rules = [], Role } = ofSource ?? {};
  const between = Rules.filter((rule) => destinationOf(rule) === replica.name);
  const wider = between.filter((rule) =>
    rule.Status === "Enabled" && isWider(prefixOf(rule), source.prefix)
  );
  if (wider.length > 0) {
    throw foreign(
      `${source.url} is replicated to bucket ${replica.name} by ${names(wider)}, with other keys ` +
        `than these: have a rule for these alone, with the prefix ` +
        `${JSON.stringify(source.prefix)}, and others for the rest`,
    );
  }
  const left = Rules.filter((rule) =>
    !between.includes(rule) || !prefixOf(rule).startsWith(source.prefix)
  );
  return left.length > 0 ? { Role, Rules: left } : undefined;
}

function addedToReplica(
  { source, replica, role, ofReplica }: Replication,
): ReplicationConfiguration {
  const { Rules = [], Role } = ofReplica ?? {};
  const kept = Rules.filter((rule) => !isOwn(rule, source));
  if (kept.length > 0) assertFitting(kept, { role, Role, source, replica });
  const { Rules: [mine], ...rest } = replicationConfiguration({
    role,
    to: source.location,
    // The keys that both hold, whatever else lies in the new source.
    prefix: source.prefix,
  });
  const priority = 1 + Math.max(0, ...kept.map(({ Priority = 0 }) => Priority));
  return { ...rest, Rules: [...kept, { ...mine!, ID: freeId(kept), Priority: priority }] };
}

/** One configuration has one role, and rules of one form. */
function assertFitting(
  kept: readonly ReplicationRule[],
  { role, Role, source, replica }: Pick<Replication, "role" | "source" | "replica"> & {
    readonly Role: string | undefined;
  },
): void {
  const found = `${replica.url} has replication of its own, by ${names(kept)}`;
  if (Role !== role) {
    throw foreign(
      `${found}, under the role ${Role}; ${role} could not take its place unseen: name the ` +
        `former (--role) once it may also read this bucket for ${source.url} and write there`,
    );
  }
  const old = kept.filter(({ Filter }) => Filter === undefined);
  if (old.length === 0) return;
  throw foreign(
    `${found}. S3 takes no further rule beside one that has a Prefix of its own: write ` +
      `${names(old)} with a Filter, a Priority and DeleteMarkerReplication`,
  );
}

/** Written by an earlier failover, or as `init` says. */
function isOwn(rule: ReplicationRule, source: Bucket): boolean {
  return rule.ID === REPLICATION_RULE_ID && destinationOf(rule) === source.name;
}

function freeId(kept: readonly ReplicationRule[]): string {
  const taken = new Set(kept.map(({ ID }) => ID));
  let id = REPLICATION_RULE_ID;
  for (let number = 2; taken.has(id); number++) id = `${REPLICATION_RULE_ID}-${number}`;
  return id;
}

function isWider(prefix: string, than: string): boolean {
  return prefix !== than && than.startsWith(prefix);
}

/** Before there were filters, a rule had a prefix of its own. */
function prefixOf({ Filter, Prefix }: ReplicationRule): string {
  return Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? "";
}

/** `arn:aws:s3:::NAME` */
function destinationOf({ Destination }: ReplicationRule): string | undefined {
  return Destination?.Bucket?.split(":::")[1];
}

function names(rules: readonly ReplicationRule[]): string {
  const each = rules.map((rule) => {
    const below = prefixOf(rule) === "" ? "" : ` below ${JSON.stringify(prefixOf(rule))}`;
    return `${rule.ID ? JSON.stringify(rule.ID) : "one without an ID"} (to ${
      destinationOf(rule)
    }${below})`;
  });
  return `${rules.length === 1 ? "the rule" : "the rules"} ${each.join(", ")}`;
}

function foreign(message: string): S3Error {
  return new S3Error("ForeignReplication", message);
}
