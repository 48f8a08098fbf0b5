import { openStore } from "../backends/open_store.ts";
import { type ConformanceCheck, type SnapshotStore, storeConformance } from "../testing.ts";
import { type TestServer, testServer } from "./s3_server.ts";
import { TestBucket } from "./test_bucket.ts";

/** The suite on stores below `prefix` of a bucket. */
function suite(server: TestServer, bucket: string): ConformanceCheck[] {
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const options = { s3: { credentials: { accessKeyId, secretAccessKey } } };
  const open = (prefix: string): Promise<SnapshotStore> =>
    openStore(`s3://${bucket}/${prefix}?region=${region}&endpoint=${endpoint}`, options);
  return storeConformance({
    open: () => open("deep/prefix"),
    openAgain: ({ url }) => openStore(url, options),
  });
}

const NOWHERE: TestServer = {
  kind: "emulator",
  endpoint: "http://127.0.0.1:1",
  region: "us-east-1",
  accessKeyId: "",
  secretAccessKey: "",
  bucketName: (hint) => hint,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

for (const { name } of suite(NOWHERE, "names-only")) {
  Deno.test(`an S3 prefix ${name}`, async () => {
    await using server = await testServer();
    const bucket = server.bucketName("store");
    await using _bucket = await TestBucket.create(server, bucket, { versioning: "Unversioned" });
    await suite(server, bucket).find((check) => check.name === name)!.run();
  });
}
