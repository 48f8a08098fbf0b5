/** GetObjectAcl and PutObjectAcl. */
import { checkGrants, type Grant, PERMISSIONS, PRIVATE, readGrants } from "../access_control.ts";
import { versionHeader } from "../bucket.ts";
import type { Call, Operation } from "../call.ts";
import { verifyBody } from "../checksum.ts";
import { S3Error } from "../errors.ts";
import { HeldContent } from "../held_content.ts";
import { ownerElement } from "../owner.ts";
import { emptyResponse, type S3Response, xmlResponse } from "../response.ts";
import {
  child,
  childrenNamed,
  childText,
  element,
  parseXml,
  type XmlElement,
  type XmlMarkup,
} from "../xml.ts";
import { findObject } from "./read_object.ts";
import { change } from "./write_object.ts";

const TYPES = { id: "CanonicalUser", uri: "Group", emailAddress: "AmazonCustomerByEmail" } as const;
const NAMES = { id: "ID", uri: "URI", emailAddress: "EmailAddress" } as const;
const XSI = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

function grantElement({ permission, by, grantee }: Grant): XmlMarkup {
  return element("Grant", [
    element("Grantee", element(NAMES[by], grantee), `${XSI} xsi:type="${TYPES[by]}"`),
    element("Permission", permission),
  ]);
}

function getAcl(call: Call): S3Response {
  const { bucket } = call;
  const object = findObject(call, bucket);
  return xmlResponse("AccessControlPolicy", [
    ownerElement(),
    element("AccessControlList", (object.grants ?? PRIVATE).map(grantElement)),
  ], versionHeader(bucket, object));
}

function readGrant(grant: XmlElement): Grant {
  const grantee = child(grant, "Grantee");
  const permission = PERMISSIONS.find((known) => known === childText(grant, "Permission"));
  for (const by of ["id", "uri", "emailAddress"] as const) {
    const named = childText(grantee, NAMES[by]);
    if (named !== undefined && permission) return { permission, by, grantee: named };
  }
  throw new S3Error("MalformedXML");
}

function putAcl(call: Call): S3Response {
  const { bucket } = call;
  verifyBody(new HeldContent(call.body), call.headers);
  const object = findObject(call, bucket);
  const list = call.body.length > 0 ? child(parseXml(call.body), "AccessControlList") : undefined;
  const grants = list ? childrenNamed(list, "Grant").map(readGrant) : readGrants(call.headers);
  checkGrants(bucket, grants);
  change(call, bucket, { ...object, grants });
  return emptyResponse(versionHeader(bucket, object));
}

function operation(verb: string, method: string, handler: Operation["handler"]): Operation {
  return {
    name: `${verb}ObjectAcl`,
    method,
    level: "object",
    marks: ["acl"],
    parameters: ["versionId"],
    action: [`s3:${verb}ObjectAcl`, `s3:${verb}ObjectVersionAcl`],
    handler,
  };
}

/** Access control lists of stored objects. */
export const ACL_OPERATIONS: readonly Operation[] = [
  operation("Get", "GET", getAcl),
  operation("Put", "PUT", putAcl),
];
