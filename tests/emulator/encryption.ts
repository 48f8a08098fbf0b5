/** Server-side encryption: nothing is encrypted, but told as if it were. */
import { S3Error } from "./errors.ts";
import { type Headers, pickHeaders } from "./headers.ts";
import type { ObjectAttributes } from "./object_version.ts";

const ENCRYPTION = "x-amz-server-side-encryption";
const ENCRYPTION_HEADERS = [
  ENCRYPTION,
  `${ENCRYPTION}-aws-kms-key-id`,
  `${ENCRYPTION}-bucket-key-enabled`,
];

/** The encryption that a writer asks for; AWS encrypts with a key of its own by default. */
export function readEncryption(headers: Headers): Record<string, string> {
  const method = headers[ENCRYPTION] ?? "AES256";
  if (!["AES256", "aws:kms", "aws:kms:dsse"].includes(method)) {
    throw new S3Error("InvalidArgument", { ArgumentName: ENCRYPTION, ArgumentValue: method }, {
      message: "The encryption method specified is not supported",
    });
  }
  return { ...pickHeaders(headers, ENCRYPTION_HEADERS), [ENCRYPTION]: method };
}

/** True for an object whose ETag says nothing about its bytes. */
export function hasOpaqueETag(attributes: ObjectAttributes): boolean {
  return attributes.encryption[ENCRYPTION] !== "AES256";
}
