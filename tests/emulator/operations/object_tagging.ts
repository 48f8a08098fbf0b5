/** GetObjectTagging, PutObjectTagging, DeleteObjectTagging. */
import { versionHeader } from "../bucket.ts";
import type { Call, Operation } from "../call.ts";
import { verifyBody } from "../checksum.ts";
import { HeldContent } from "../held_content.ts";
import { S3Error } from "../errors.ts";
import { checkTags } from "../object_tags.ts";
import { emptyResponse, type S3Response, xmlResponse } from "../response.ts";
import { child, childrenNamed, childText, element, parseXml } from "../xml.ts";
import { findObject } from "./read_object.ts";
import { change } from "./write_object.ts";

function getTagging(call: Call): S3Response {
  const { bucket } = call;
  const object = findObject(call, bucket);
  const tags = object.tags.map(([name, value]) =>
    element("Tag", [element("Key", name), element("Value", value)])
  );
  return xmlResponse("Tagging", element("TagSet", tags), versionHeader(bucket, object));
}

function readTagSet(body: Uint8Array): [string, string][] {
  const root = parseXml(body);
  const set = child(root, "TagSet");
  if (root.name !== "Tagging" || !set) throw new S3Error("MalformedXML");
  return childrenNamed(set, "Tag").map((tag) => [
    childText(tag, "Key") ?? "",
    childText(tag, "Value") ?? "",
  ]);
}

function putTagging(call: Call): S3Response {
  const { bucket } = call;
  verifyBody(new HeldContent(call.body), call.headers);
  const object = findObject(call, bucket);
  const tags = readTagSet(call.body);
  checkTags(tags);
  change(call, bucket, { ...object, tags });
  return emptyResponse(versionHeader(bucket, object));
}

function deleteTagging(call: Call): S3Response {
  const { bucket } = call;
  const object = findObject(call, bucket);
  change(call, bucket, { ...object, tags: [] });
  return emptyResponse(versionHeader(bucket, object), 204);
}

function operation(verb: string, method: string, handler: Operation["handler"]): Operation {
  return {
    name: `${verb}ObjectTagging`,
    method,
    level: "object",
    marks: ["tagging"],
    parameters: ["versionId"],
    action: [`s3:${verb}ObjectTagging`, `s3:${verb}ObjectVersionTagging`],
    handler,
  };
}

/** Tags of stored objects. */
export const TAGGING_OPERATIONS: readonly Operation[] = [
  operation("Get", "GET", getTagging),
  operation("Put", "PUT", putTagging),
  operation("Delete", "DELETE", deleteTagging),
];
