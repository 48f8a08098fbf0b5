import { S3Error } from "../model/errors.ts";
import type { Bucket } from "./bucket.ts";

/**
 * What time it is by the server's clock, the one that dates versions; this machine's never counts.
 *
 * @returns Milliseconds since 1970, rounded down to the second: the server's `Date` header, from
 * which up to a second and the answer's way here have passed.
 * @throws {S3Error} when the bucket cannot be reached; `NoServerTime` when its server does not say
 */
export async function serverNow(
  bucket: Bucket,
  options: { readonly signal?: AbortSignal } = {},
): Promise<number> {
  const call = { operation: "HeadBucket", ...options };
  const date = await bucket.request(call, async (client, sdk, http) => {
    const command = new sdk.HeadBucketCommand({ Bucket: bucket.name });
    let header: string | undefined;
    command.middlewareStack.add((next) => async (args) => {
      const result = await next(args);
      header = headersOf(result.response)["date"];
      return result;
    }, { step: "deserialize", name: "readServerTime" });
    await client.send(command, http);
    return header;
  });
  const time = Date.parse(date ?? "");
  if (Number.isNaN(time)) {
    throw new S3Error(
      "NoServerTime",
      `the server of bucket ${bucket.name} does not say what time it is (Date header: ` +
        `${date ?? "none"}), so versions cannot be told apart by time: is a proxy removing it?`,
    );
  }
  return time;
}

function headersOf(response: unknown): Readonly<Record<string, string>> {
  return (response as { headers?: Record<string, string> }).headers ?? {};
}
