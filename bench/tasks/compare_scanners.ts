import { Readable } from "node:stream";
import { ListObjectVersionsCommand, type S3Client } from "npm:@aws-sdk/client-s3@3.1169.0";
import { scanVersionPage } from "../../lib/s3/scan_version_page.ts";
import { type BucketAddress, openSdk } from "./server.ts";

/** An answer as the SDK's deserialiser gets it. */
interface Answer {
  readonly statusCode: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** For one page, in the round that was disturbed least. */
export interface ScannerTimes {
  readonly versions: number;
  readonly pageBytes: number;
  readonly scannerSeconds: number;
  readonly sdkSeconds: number;
}

/** Both are run before the first round counts, until V8 has compiled them. */
const WARM_UP_ROUNDS = 30;
/** One page of the SDK takes as long as many of the scanner. */
const SCANS_PER_ROUND = 50;

/** The scanner and the SDK's deserialiser in turn, on the same page of a server. */
export async function compareScanners(
  { endpoint, bucket, rounds }: BucketAddress & { readonly rounds: number },
): Promise<ScannerTimes> {
  const client = await openSdk(endpoint, 1);
  const page = await fetchPage(client, bucket);
  const times = { scanner: [] as number[], sdk: [] as number[] };
  let versions = 0;
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    const began = performance.now();
    for (let i = 0; i < SCANS_PER_ROUND; i++) {
      versions = scanVersionPage([page.bytes])!.batch.length;
    }
    const scannerTime = (performance.now() - began) / SCANS_PER_ROUND;
    const sdkTime = await timeSdk(client, bucket, page, versions);
    if (round < 0) continue;
    times.scanner.push(scannerTime);
    times.sdk.push(sdkTime);
  }
  client.destroy();
  return {
    versions,
    pageBytes: page.bytes.length,
    scannerSeconds: Math.min(...times.scanner) / 1000,
    sdkSeconds: Math.min(...times.sdk) / 1000,
  };
}

interface Page {
  readonly response: Answer;
  readonly bytes: Uint8Array;
}

/** The body is taken below the deserialiser, which finds an empty document. */
async function fetchPage(client: S3Client, bucket: string): Promise<Page> {
  const command = new ListObjectVersionsCommand({ Bucket: bucket, EncodingType: "url" });
  let page: Page | undefined;
  command.middlewareStack.add((next) => async (args) => {
    const result = await next(args);
    const response = result.response as Answer;
    page = { response, bytes: new Uint8Array(await new Response(stream(response)).arrayBuffer()) };
    const body = Readable.from([new TextEncoder().encode("<ListVersionsResult/>")]);
    return { ...result, response: withBody(response, body) };
  }, { step: "deserialize", priority: "low", name: "takePage" });
  await client.send(command);
  return page!;
}

/** Milliseconds of the deserialiser alone, which is handed the page as if it had just come. */
async function timeSdk(
  client: S3Client,
  bucket: string,
  { response, bytes }: Page,
  versions: number,
): Promise<number> {
  const command = new ListObjectVersionsCommand({ Bucket: bucket, EncodingType: "url" });
  let began = 0, ended = 0;
  command.middlewareStack.add((next) => async (args) => {
    const result = await next(args);
    ended = performance.now();
    return result;
  }, { step: "deserialize", priority: "high", name: "endClock" });
  command.middlewareStack.add(() => () => {
    const body = Readable.from([bytes]);
    began = performance.now();
    return Promise.resolve({ output: undefined!, response: withBody(response, body) });
  }, { step: "deserialize", priority: "low", name: "answerFromMemory" });
  const { Versions = [], DeleteMarkers = [] } = await client.send(command);
  if (Versions.length + DeleteMarkers.length !== versions) throw new Error("a version was lost");
  return ended - began;
}

function stream({ body }: Answer): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(body) as ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** The SDK knows an answer by its class. */
function withBody(response: Answer, body: AsyncIterable<Uint8Array>): Answer {
  return Object.assign(Object.create(Object.getPrototypeOf(response)), response, { body });
}
