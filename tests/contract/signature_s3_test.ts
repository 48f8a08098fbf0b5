import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { signedRequest } from "../signed_request.ts";
import { contract, outcome } from "./contract.ts";

/** Some question to ask of a bucket. */
const LOCATION = { location: "" };

contract("a signed request is answered", async (s3) => {
  const path = `/${await s3.bucket("signed")}`;
  assert.equal(outcome(await s3.raw({ path, query: LOCATION })), "200");
});

contract("an unknown access key is refused", async (s3) => {
  const path = `/${await s3.bucket("unknown")}`;
  const stranger = { ...s3.server, accessKeyId: "NOBODY" };
  assert.equal(outcome(await signedRequest(stranger, { path })), "403 InvalidAccessKeyId");
});

contract("a wrong secret key, a forged signature and a changed query are refused", async (s3) => {
  const path = `/${await s3.bucket("forged")}`;
  const refused = "403 SignatureDoesNotMatch";
  const wrong = { ...s3.server, secretAccessKey: "wrong" };
  assert.equal(outcome(await signedRequest(wrong, { path })), refused);
  const forge = (signature: string) => signature.replace(/./g, "0");
  assert.equal(outcome(await s3.raw({ path, forge })), refused);
});

contract("a request signed an hour ago is refused", async (s3) => {
  const path = `/${await s3.bucket("late")}`;
  const answer = await s3.raw({ path, query: LOCATION });
  assert.equal(outcome(answer), "200");
  const now = Date.parse(answer.headers.get("date") ?? "");
  const date = new Date(now - 60 * 60 * 1000);
  assert.equal(outcome(await s3.raw({ path, query: LOCATION, date })), "403 RequestTimeTooSkewed");
});

contract("a body other than the signed one is refused and not stored", async (s3) => {
  const bucket = await s3.bucket("body");
  const path = `/${bucket}/a`;
  const headers = { "x-amz-content-sha256": "0".repeat(64) };
  const answer = await s3.raw({ method: "PUT", path, headers, body: "text" });
  assert.equal(outcome(answer), "400 XAmzContentSHA256Mismatch");
  assert.equal(outcome(await s3.raw({ path })), "404 NoSuchKey");
});

contract("a body may go unsigned", async (s3) => {
  const path = `/${await s3.bucket("unsigned")}/a`;
  const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
  assert.equal(outcome(await s3.raw({ method: "PUT", path, headers, body: "text" })), "200");
  assert.equal((await s3.raw({ path })).text, "text");
});

contract("an anonymous request for a private bucket is refused", async (s3) => {
  const url = `${s3.server.endpoint}/${await s3.bucket("private")}`;
  const status = await new Promise((resolve, reject) => {
    httpRequest(url, { agent: false }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode));
    }).on("error", reject).end();
  });
  assert.equal(status, 403);
});

contract("a Content-MD5 that does not match the body is refused", async (s3) => {
  const path = `/${await s3.bucket("md5")}/a`;
  const headers = { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" };
  const answer = await s3.raw({ method: "PUT", path, headers, body: "text" });
  assert.equal(outcome(answer), "400 BadDigest");
  assert.equal(outcome(await s3.raw({ path })), "404 NoSuchKey");
});

contract("a signature for another region is refused, and the right one named", async (s3) => {
  const path = `/${await s3.bucket("region")}`;
  const elsewhere = { ...s3.server, region: "eu-west-1" };
  const answer = await signedRequest(elsewhere, { path, query: LOCATION });
  const expected = s3.differs({
    aws: ["400 AuthorizationHeaderMalformed", s3.server.region],
    rgw: ["200", undefined],
    why: "the gateway takes any region that the signature was made with",
  });
  const named = /<Region>(.*?)</.exec(answer.text)?.[1];
  assert.deepEqual([outcome(answer), named], expected);
});
