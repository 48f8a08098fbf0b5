/** What a bucket replicates, and to where. */
import { S3Error } from "./errors.ts";
import { child, childrenNamed, childText, parseXml, type XmlElement } from "./xml.ts";

/** A rule of a replication configuration. */
export interface ReplicationRule {
  /** Among rules that match, the highest wins. */
  readonly priority: number;
  /** A rule can be kept without being followed. */
  readonly enabled: boolean;
  /** How keys begin that it is for. */
  readonly prefix: string;
  /** Tags that objects must have; a rule with tags carries no delete markers. */
  readonly tags: readonly (readonly [name: string, value: string])[];
  /** Whether delete markers are replicated. */
  readonly deleteMarkers: boolean;
  /** Name of the destination bucket. */
  readonly destination: string;
  /** Storage class of the copies; undefined keeps the source's. */
  readonly storageClass: string | undefined;
}

/** A bucket's replication. */
export interface ReplicationConfiguration {
  /** The document as it was put. */
  readonly document: Uint8Array;
  /** ARN of the role that reads here and writes there. */
  readonly role: string;
  /** Its rules, the highest priority first. */
  readonly rules: readonly ReplicationRule[];
}

const BUCKET_ARN = /^arn:aws:s3:::(.+)$/;

function readTag(tag: XmlElement): [string, string] {
  return [childText(tag, "Key") ?? "", childText(tag, "Value") ?? ""];
}

function readRule(rule: XmlElement): ReplicationRule {
  const filter = child(rule, "Filter");
  const and = child(filter, "And");
  const scope = and ?? filter;
  const destination = child(rule, "Destination");
  const bucket = BUCKET_ARN.exec(childText(destination, "Bucket") ?? "")?.[1];
  const status = childText(rule, "Status");
  if (!bucket || (status !== "Enabled" && status !== "Disabled")) {
    throw new S3Error("MalformedXML");
  }
  const markers = childText(child(rule, "DeleteMarkerReplication"), "Status");
  if (filter && markers === undefined) {
    throw new S3Error("InvalidRequest", {}, {
      message: "DeleteMarkerReplication must be specified for this version of Cross Region " +
        "Replication configuration schema.",
    });
  }
  return {
    priority: Number(childText(rule, "Priority") ?? 0),
    enabled: status === "Enabled",
    prefix: (filter ? childText(scope, "Prefix") : childText(rule, "Prefix")) ?? "",
    tags: scope ? childrenNamed(scope, "Tag").map(readTag) : [],
    // The first version of the schema, without a Filter, always carried them.
    deleteMarkers: filter ? markers === "Enabled" : true,
    destination: bucket,
    storageClass: childText(destination, "StorageClass"),
  };
}

/**
 * Reads a replication configuration.
 *
 * @throws {S3Error} MalformedXML or InvalidRequest.
 */
export function parseReplication(document: Uint8Array): ReplicationConfiguration {
  const root = parseXml(document);
  const rules = childrenNamed(root, "Rule").map(readRule);
  const role = childText(root, "Role");
  if (root.name !== "ReplicationConfiguration" || !role || rules.length === 0) {
    throw new S3Error("MalformedXML");
  }
  return { document, role, rules: rules.sort((a, b) => b.priority - a.priority) };
}
