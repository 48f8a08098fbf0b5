/** RestoreObject: a readable copy of an archived object, for some days. */
import type { Call, Operation } from "../call.ts";
import { verifyBody } from "../checksum.ts";
import { HeldContent } from "../held_content.ts";
import { invalidArgument, S3Error } from "../errors.ts";
import { isArchived, type StoredObject } from "../object_version.ts";
import { emptyResponse, type S3Response } from "../response.ts";
import { child, childText, parseXml } from "../xml.ts";
import { findObject } from "./read_object.ts";

/** Milliseconds in a day. */
const DAY = 86_400_000;
const TIERS = ["Standard", "Bulk", "Expedited"];

function readDays(call: Call, object: StoredObject): number {
  verifyBody(new HeldContent(call.body), call.headers);
  const root = parseXml(call.body);
  const days = Number(childText(root, "Days"));
  const tier = childText(child(root, "GlacierJobParameters"), "Tier") ??
    childText(root, "Tier") ?? "Standard";
  if (root.name !== "RestoreRequest" || !Number.isInteger(days) || days < 1) {
    throw new S3Error("MalformedXML");
  }
  if (!TIERS.includes(tier) || (tier === "Expedited" && object.storageClass === "DEEP_ARCHIVE")) {
    throw invalidArgument("Tier", tier, "The retrieval tier is not valid for the storage class");
  }
  return days;
}

function restoreObject(call: Call): S3Response {
  const { bucket } = call;
  const object = findObject(call, bucket);
  const now = call.state.now();
  if (!isArchived(object)) {
    throw new S3Error("InvalidObjectState", { StorageClass: object.storageClass }, {
      message: "Restore is not allowed for the object's current storage class",
    });
  }
  const days = readDays(call, object);
  const { restored } = object;
  if (restored && now < restored.readyAt) throw new S3Error("RestoreAlreadyInProgress");
  const isThawed = restored !== undefined && now < restored.expiresAt;
  const readyAt = isThawed ? restored.readyAt : now + call.state.settings.thawTime;
  // A copy lives to the end of a day, UTC.
  const expiresAt = Math.ceil((Math.max(readyAt, now) + days * DAY) / DAY) * DAY;
  bucket.replace({ ...object, restored: { readyAt, expiresAt } });
  return emptyResponse({}, isThawed ? 200 : 202);
}

/** Thawing. */
export const RESTORE_OPERATIONS: readonly Operation[] = [
  {
    name: "RestoreObject",
    method: "POST",
    level: "object",
    marks: ["restore"],
    parameters: ["versionId"],
    action: "s3:RestoreObject",
    handler: restoreObject,
  },
];
