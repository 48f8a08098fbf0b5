/** An answer before it is written to the network. */
import type { Content } from "./content.ts";
import { HeldContent } from "./held_content.ts";
import type { S3Error } from "./errors.ts";
import { element, type XmlContent, xmlDocument } from "./xml.ts";

/** Status, headers and body. */
export interface S3Response {
  /** HTTP status. */
  readonly status: number;
  /** Header values by name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; for HEAD its size is announced and no byte sent. */
  readonly body?: Content;
}

/** An answer without a body. */
export function emptyResponse(
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): S3Response {
  return { status, headers };
}

/** An XML document with status 200. */
export function xmlResponse(
  root: string,
  content: XmlContent,
  headers: Readonly<Record<string, string>> = {},
): S3Response {
  return textResponse(200, xmlDocument(root, content), headers);
}

/** An XML document, already written. */
export function textResponse(
  status: number,
  document: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): S3Response {
  const bytes = typeof document === "string" ? new TextEncoder().encode(document) : document;
  return {
    status,
    headers: { "content-type": "application/xml", ...headers },
    body: new HeldContent(bytes),
  };
}

/** An error's document: the one kind that S3 puts in no namespace. */
export function errorDocument(error: S3Error, resource: string, requestId: string): string {
  const details = Object.entries(error.details).map(([name, value]) => element(name, value));
  const { markup } = element("Error", [
    element("Code", error.code),
    element("Message", error.message),
    ...details,
    element("Resource", resource),
    element("RequestId", requestId),
    element("HostId", `host-${requestId}`),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${markup}`;
}
