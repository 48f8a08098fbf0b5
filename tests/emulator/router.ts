/** Tells which operation a request means. */
import type { Operation } from "./call.ts";
import { S3Error } from "./errors.ts";
import { OPERATIONS } from "./operations/all.ts";
import type { S3Request } from "./request.ts";

/** Parameters that belong to signing, or that SDKs add for their logs. */
const EVERYWHERE = /^(?:x-id|X-Amz-[A-Za-z0-9-]+)$/;

/** Headers beginning with `x-amz-` that change nothing or that some operation reads. */
const KNOWN_HEADERS: readonly RegExp[] = [
  /^x-amz-(?:date|content-sha256|security-token|user-agent|decoded-content-length|trailer)$/,
  /^x-amz-meta-/,
  /^x-amz-(?:sdk-checksum-algorithm|checksum-(?:algorithm|mode|type|crc32c?|crc64nvme|sha1|sha256))$/,
  /^x-amz-copy-source(?:-range|-if-(?:none-)?match|-if-(?:un)?modified-since)?$/,
  /^x-amz-(?:metadata|tagging)-directive$/,
  /^x-amz-(?:tagging|storage-class|website-redirect-location)$/,
  /^x-amz-server-side-encryption(?:-aws-kms-key-id|-bucket-key-enabled)?$/,
  /^x-amz-(?:acl|grant-(?:full-control|read|read-acp|write-acp)|object-ownership)$/,
  /^x-amz-object-lock-(?:mode|legal-hold|retain-until-date)$/,
  /^x-amz-(?:bucket-object-lock-enabled|bypass-governance-retention)$/,
  /^x-amz-(?:mp-object-size|object-attributes|max-parts|part-number-marker)$/,
];

function levelOf(request: S3Request): Operation["level"] {
  return request.key !== "" ? "object" : request.bucket !== "" ? "bucket" : "service";
}

function fits(operation: Operation, request: S3Request): boolean {
  return operation.method === request.method && operation.level === levelOf(request) &&
    (operation.marks ?? []).every((mark) => request.query.has(mark)) &&
    (operation.header === undefined || request.headers[operation.header] !== undefined);
}

function specificity(operation: Operation): number {
  return (operation.marks?.length ?? 0) * 2 + (operation.header === undefined ? 0 : 1);
}

function understands(operation: Operation, parameter: string): boolean {
  return EVERYWHERE.test(parameter) || operation.marks?.includes(parameter) === true ||
    operation.parameters?.includes(parameter) === true;
}

/** The operation that a request means, as far as can be told; for the log and for faults. */
export function recognize(request: S3Request): Operation | undefined {
  return OPERATIONS.filter((operation) => fits(operation, request))
    .sort((a, b) => specificity(b) - specificity(a))
    .find((operation) =>
      [...request.query.keys()].every((parameter) => understands(operation, parameter))
    );
}

/**
 * Refuses headers whose meaning the server does not know, rather than pass over them.
 *
 * @throws {S3Error} NotImplemented.
 */
export function checkHeaders(request: S3Request): void {
  for (const header of Object.keys(request.headers)) {
    if (!header.startsWith("x-amz-") || KNOWN_HEADERS.some((known) => known.test(header))) continue;
    throw new S3Error("NotImplemented", { Header: header });
  }
}
