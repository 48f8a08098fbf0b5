/** CreateBucket, DeleteBucket, HeadBucket, ListBuckets, GetBucketLocation. */
import { readOwnership } from "../access_control.ts";
import { Bucket } from "../bucket.ts";
import type { Call, Operation } from "../call.ts";
import { isoTime } from "../clock.ts";
import { S3Error } from "../errors.ts";
import { ownerElement } from "../owner.ts";
import { emptyResponse, type S3Response, textResponse, xmlResponse } from "../response.ts";
import { childText, element, parseXml, xmlDocument } from "../xml.ts";

/** The region that has no LocationConstraint. */
const CLASSIC_REGION = "us-east-1";
const BUCKET_NAME = /^[a-z0-9](?:[a-z0-9-]|\.(?![.-]))*[a-z0-9]$/;
const IP_ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;

function checkBucketName(name: string): void {
  const valid = name.length >= 3 && name.length <= 63 && BUCKET_NAME.test(name) &&
    !IP_ADDRESS.test(name);
  if (!valid) throw new S3Error("InvalidBucketName", { BucketName: name });
}

function wantedRegion(call: Call): string {
  const constraint = call.body.length === 0
    ? undefined
    : childText(parseXml(call.body), "LocationConstraint");
  const signed = call.caller.region;
  if (constraint === CLASSIC_REGION) throw new S3Error("InvalidLocationConstraint");
  const region = constraint || CLASSIC_REGION;
  // The classic region's endpoint creates buckets everywhere, each other one only its own.
  if (signed !== CLASSIC_REGION && region !== signed) {
    throw new S3Error("IllegalLocationConstraintException", {}, {
      message: `The ${constraint || "unspecified"} location constraint is incompatible for the ` +
        "region specific endpoint this request was sent to.",
    });
  }
  const { settings } = call.state;
  if (![settings.region, ...settings.otherRegions].includes(region)) {
    throw new S3Error("InvalidLocationConstraint", { LocationConstraint: region });
  }
  return region;
}

function createBucket(call: Call): S3Response {
  const { state, request: { bucket: name } } = call;
  checkBucketName(name);
  const region = wantedRegion(call);
  const existing = state.buckets.get(name);
  // Only the classic region answers a second creation with success.
  if (existing && (existing.region !== CLASSIC_REGION || region !== CLASSIC_REGION)) {
    throw new S3Error("BucketAlreadyOwnedByYou", { BucketName: name });
  }
  if (!existing) {
    const objectLock = call.headers["x-amz-bucket-object-lock-enabled"]?.toLowerCase() === "true";
    const ownership = readOwnership(call.headers);
    const options = { region, createdAt: state.now(), objectLock, ownership };
    state.buckets.set(name, new Bucket(name, options));
  }
  return emptyResponse({ location: `/${name}` });
}

function deleteBucket(call: Call): S3Response {
  const { bucket } = call;
  if (!bucket.keys.isEmpty) throw new S3Error("BucketNotEmpty", { BucketName: bucket.name });
  call.state.buckets.delete(bucket.name);
  return emptyResponse({}, 204);
}

function headBucket(call: Call): S3Response {
  return emptyResponse({
    "x-amz-bucket-region": call.bucket.region,
    "x-amz-access-point-alias": "false",
    "content-type": "application/xml",
  });
}

function listBuckets(call: Call): S3Response {
  const buckets = [...call.state.buckets.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  return xmlResponse("ListAllMyBucketsResult", [
    ownerElement(),
    element(
      "Buckets",
      buckets.map((bucket) =>
        element("Bucket", [
          element("Name", bucket.name),
          element("CreationDate", isoTime(bucket.createdAt)),
          element("BucketRegion", bucket.region),
        ])
      ),
    ),
  ]);
}

function getBucketLocation(call: Call): S3Response {
  const { region } = call.bucket;
  return textResponse(
    200,
    xmlDocument("LocationConstraint", region === CLASSIC_REGION ? "" : region),
  );
}

/** Buckets as such. */
export const BUCKET_OPERATIONS: readonly Operation[] = [
  {
    name: "ListBuckets",
    method: "GET",
    level: "service",
    action: "s3:ListAllMyBuckets",
    handler: listBuckets,
  },
  {
    name: "CreateBucket",
    method: "PUT",
    level: "bucket",
    action: "s3:CreateBucket",
    handler: createBucket,
  },
  {
    name: "DeleteBucket",
    method: "DELETE",
    level: "bucket",
    action: "s3:DeleteBucket",
    handler: deleteBucket,
  },
  {
    name: "HeadBucket",
    method: "HEAD",
    level: "bucket",
    action: "s3:ListBucket",
    handler: headBucket,
  },
  {
    name: "GetBucketLocation",
    method: "GET",
    level: "bucket",
    marks: ["location"],
    action: "s3:GetBucketLocation",
    handler: getBucketLocation,
  },
];
