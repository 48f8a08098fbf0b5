/** Legal hold and retention: what keeps a version from being deleted. */
import type { Call, Operation } from "../call.ts";
import { verifyBody } from "../checksum.ts";
import { isoTime } from "../clock.ts";
import { HeldContent } from "../held_content.ts";
import { S3Error } from "../errors.ts";
import { checkRetention } from "../retention.ts";
import type { StoredObject } from "../object_version.ts";
import { emptyResponse, type S3Response, xmlResponse } from "../response.ts";
import { childText, element, parseXml, type XmlElement } from "../xml.ts";
import { findObject } from "./read_object.ts";
import { change } from "./write_object.ts";

function lockable(call: Call): StoredObject {
  if (!call.bucket.objectLock) {
    throw new S3Error("InvalidRequest", {}, {
      message: "Bucket is missing Object Lock Configuration",
    });
  }
  return findObject(call, call.bucket);
}

function readBody(call: Call, root: string): XmlElement {
  verifyBody(new HeldContent(call.body), call.headers);
  const document = parseXml(call.body);
  if (document.name !== root) throw new S3Error("MalformedXML");
  return document;
}

function getLegalHold(call: Call): S3Response {
  const { legalHold } = lockable(call);
  if (legalHold === undefined) throw new S3Error("NoSuchObjectLockConfiguration");
  return xmlResponse("LegalHold", element("Status", legalHold));
}

function putLegalHold(call: Call): S3Response {
  const object = lockable(call);
  const status = childText(readBody(call, "LegalHold"), "Status");
  if (status !== "ON" && status !== "OFF") throw new S3Error("MalformedXML");
  change(call, call.bucket, { ...object, legalHold: status });
  return emptyResponse();
}

function getRetention(call: Call): S3Response {
  const { retention } = lockable(call);
  if (!retention) throw new S3Error("NoSuchObjectLockConfiguration");
  return xmlResponse("Retention", [
    element("Mode", retention.mode),
    element("RetainUntilDate", isoTime(retention.until)),
  ]);
}

/** True when the caller sends the header that lifts GOVERNANCE retention, and may. */
function bypassesGovernance(call: Call, key: string): boolean {
  const bypass = call.headers["x-amz-bypass-governance-retention"]?.toLowerCase() === "true";
  if (bypass) call.authorize("s3:BypassGovernanceRetention", call.bucket.name, key);
  return bypass;
}

function putRetention(call: Call): S3Response {
  const object = lockable(call);
  const document = readBody(call, "Retention");
  const retention = checkRetention(
    childText(document, "Mode") ?? "",
    childText(document, "RetainUntilDate") ?? "",
  );
  const { retention: old } = object;
  const weaker = old !== undefined && call.state.now() < old.until &&
    (retention.until < old.until || retention.mode !== old.mode);
  if (weaker && !(old.mode === "GOVERNANCE" && bypassesGovernance(call, call.key))) {
    throw new S3Error("AccessDenied");
  }
  change(call, call.bucket, { ...object, retention });
  return emptyResponse();
}

function getLockConfiguration(call: Call): S3Response {
  if (!call.bucket.objectLock) throw new S3Error("ObjectLockConfigurationNotFoundError");
  return xmlResponse("ObjectLockConfiguration", element("ObjectLockEnabled", "Enabled"));
}

/**
 * Refuses to delete a version that is held or retained.
 *
 * @throws {S3Error} AccessDenied.
 */
export function checkLock(call: Call, key: string, versionId: string): void {
  const version = call.bucket.version(key, versionId);
  if (version?.kind !== "object") return;
  const { legalHold, retention } = version;
  const retained = retention !== undefined && call.state.now() < retention.until &&
    !(retention.mode === "GOVERNANCE" && bypassesGovernance(call, key));
  if (legalHold !== "ON" && !retained) return;
  throw new S3Error("AccessDenied", {}, {
    message: "Access Denied because object protected by object lock.",
  });
}

function operation(
  name: string,
  method: string,
  mark: string,
  handler: Operation["handler"],
): Operation {
  return {
    name,
    method,
    level: "object",
    marks: [mark],
    parameters: ["versionId"],
    action: `s3:${name}`,
    handler,
  };
}

/** Locks on versions. */
export const LOCK_OPERATIONS: readonly Operation[] = [
  operation("GetObjectLegalHold", "GET", "legal-hold", getLegalHold),
  operation("PutObjectLegalHold", "PUT", "legal-hold", putLegalHold),
  operation("GetObjectRetention", "GET", "retention", getRetention),
  operation("PutObjectRetention", "PUT", "retention", putRetention),
  {
    name: "GetObjectLockConfiguration",
    method: "GET",
    level: "bucket",
    marks: ["object-lock"],
    action: "s3:GetBucketObjectLockConfiguration",
    handler: getLockConfiguration,
  },
];
