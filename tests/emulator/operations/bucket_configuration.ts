/** A bucket's versioning, replication and lifecycle. */
import type { Call, Operation } from "../call.ts";
import { HeldContent } from "../held_content.ts";
import { verifyBody } from "../checksum.ts";
import { S3Error } from "../errors.ts";
import { parseReplication } from "../replication_configuration.ts";
import { emptyResponse, type S3Response, textResponse, xmlResponse } from "../response.ts";
import { childrenNamed, childText, element, parseXml } from "../xml.ts";

function getVersioning(call: Call): S3Response {
  return xmlResponse("VersioningConfiguration", element("Status", call.bucket.versioning));
}

function putVersioning(call: Call): S3Response {
  const { bucket } = call;
  verifyBody(new HeldContent(call.body), call.headers);
  const status = childText(parseXml(call.body), "Status");
  if (status !== "Enabled" && status !== "Suspended") {
    throw new S3Error("MalformedXML");
  }
  if (status === "Suspended" && (bucket.objectLock || bucket.replication)) {
    throw new S3Error("InvalidBucketState", {}, {
      message: "Versioning cannot be suspended while Object Lock or replication is configured.",
    });
  }
  bucket.versioning = status;
  return emptyResponse();
}

function getReplication(call: Call): S3Response {
  const { replication } = call.bucket;
  if (!replication) throw new S3Error("ReplicationConfigurationNotFoundError");
  return textResponse(200, replication.document);
}

function requireVersioning(call: Call, name: string, what: string): void {
  if (call.state.buckets.get(name)?.versioning === "Enabled") return;
  throw new S3Error("InvalidRequest", {}, {
    message: `Versioning must be 'Enabled' on the ${what} to apply a replication configuration`,
  });
}

function putReplication(call: Call): S3Response {
  const { bucket } = call;
  verifyBody(new HeldContent(call.body), call.headers);
  const replication = parseReplication(call.body);
  call.authorizeRole(replication.role);
  requireVersioning(call, bucket.name, "bucket");
  for (const { destination } of replication.rules) {
    if (!call.state.buckets.has(destination)) {
      throw new S3Error("InvalidRequest", {}, { message: "Destination bucket must exist." });
    }
    requireVersioning(call, destination, "destination bucket");
  }
  bucket.replication = replication;
  return emptyResponse();
}

function deleteReplication(call: Call): S3Response {
  call.bucket.replication = undefined;
  return emptyResponse({}, 204);
}

function getLifecycle(call: Call): S3Response {
  const { lifecycle } = call.bucket;
  if (!lifecycle) throw new S3Error("NoSuchLifecycleConfiguration");
  return textResponse(200, lifecycle);
}

function putLifecycle(call: Call): S3Response {
  verifyBody(new HeldContent(call.body), call.headers);
  const root = parseXml(call.body);
  const rules = childrenNamed(root, "Rule");
  const valid = root.name === "LifecycleConfiguration" && rules.length > 0 &&
    rules.every((rule) => ["Enabled", "Disabled"].includes(childText(rule, "Status") ?? ""));
  if (!valid) throw new S3Error("MalformedXML");
  call.bucket.lifecycle = call.body;
  return emptyResponse();
}

function deleteLifecycle(call: Call): S3Response {
  call.bucket.lifecycle = undefined;
  return emptyResponse({}, 204);
}

function operation(
  name: string,
  method: string,
  mark: string,
  action: string,
  handler: Operation["handler"],
): Operation {
  return { name, method, level: "bucket", marks: [mark], action, handler };
}

/** What a bucket is told to do. */
export const CONFIGURATION_OPERATIONS: readonly Operation[] = [
  operation("GetBucketVersioning", "GET", "versioning", "s3:GetBucketVersioning", getVersioning),
  operation("PutBucketVersioning", "PUT", "versioning", "s3:PutBucketVersioning", putVersioning),
  operation(
    "GetBucketReplication",
    "GET",
    "replication",
    "s3:GetReplicationConfiguration",
    getReplication,
  ),
  operation(
    "PutBucketReplication",
    "PUT",
    "replication",
    "s3:PutReplicationConfiguration",
    putReplication,
  ),
  operation(
    "DeleteBucketReplication",
    "DELETE",
    "replication",
    "s3:PutReplicationConfiguration",
    deleteReplication,
  ),
  operation(
    "GetBucketLifecycleConfiguration",
    "GET",
    "lifecycle",
    "s3:GetLifecycleConfiguration",
    getLifecycle,
  ),
  operation(
    "PutBucketLifecycleConfiguration",
    "PUT",
    "lifecycle",
    "s3:PutLifecycleConfiguration",
    putLifecycle,
  ),
  operation(
    "DeleteBucketLifecycle",
    "DELETE",
    "lifecycle",
    "s3:PutLifecycleConfiguration",
    deleteLifecycle,
  ),
];
