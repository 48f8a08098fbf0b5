import type { HeadObjectCommandOutput } from "npm:@aws-sdk/client-s3@3.1169.0";
import type { Sdk } from "./connect.ts";

/** The part of a request that says what its bytes are: content headers and user metadata. */
export type ContentInput =
  & {
    readonly [
      Name in
        | "CacheControl"
        | "ContentDisposition"
        | "ContentEncoding"
        | "ContentLanguage"
        | "ContentType"
    ]?: string;
  }
  & { readonly Metadata?: Record<string, string> };

/** What `head` says of its object, for a request that makes another like it. */
export function contentInput(head: HeadObjectCommandOutput): ContentInput {
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage } = head;
  const { ContentType, Metadata } = head;
  return {
    ...(CacheControl !== undefined && { CacheControl }),
    ...(ContentDisposition !== undefined && { ContentDisposition }),
    ...(ContentEncoding !== undefined && { ContentEncoding }),
    ...(ContentLanguage !== undefined && { ContentLanguage }),
    ...(ContentType !== undefined && { ContentType }),
    ...(Metadata !== undefined && { Metadata }),
  };
}

/** Commands that make an object from what the request says. */
type MakingCommand = InstanceType<Sdk["CreateMultipartUploadCommand"] | Sdk["PutObjectCommand"]>;

/** As it stands: the SDK's own input takes dates only, and "0" is a usual value, too. */
export function setExpires(command: MakingCommand, expires: string | undefined): void {
  if (expires === undefined) return;
  const { middlewareStack } = command as InstanceType<Sdk["CreateMultipartUploadCommand"]>;
  middlewareStack.add((next) => (args) => {
    (args.request as { headers: Record<string, string> }).headers["expires"] = expires;
    return next(args);
  }, { step: "build", name: "keepExpires" });
}
