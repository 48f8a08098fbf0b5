/** Signature V4 against the examples that AWS publishes for S3. */
import assert from "node:assert/strict";
import { decodeBody } from "./emulator/body.ts";
import { S3Error } from "./emulator/errors.ts";
import { parseRequest, type RawRequest } from "./emulator/request.ts";
import { sha256Hex, verifySignature } from "./emulator/signature.ts";

const ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE";
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const CREDENTIALS = new Map([[ACCESS_KEY, { secretAccessKey: SECRET }]]);
const NOW = Date.UTC(2013, 4, 24);
const NOBODY = new Uint8Array();

interface Example {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array;
  readonly signature: string;
}

function signedRequest(example: Example): RawRequest {
  const { method = "GET", target, body = NOBODY, signature } = example;
  const headers: Record<string, string> = {
    host: "examplebucket.s3.amazonaws.com",
    "x-amz-date": "20130524T000000Z",
    "x-amz-content-sha256": sha256Hex(body),
    ...example.headers,
  };
  const authorization = "AWS4-HMAC-SHA256 " +
    `Credential=${ACCESS_KEY}/20130524/us-east-1/s3/aws4_request,` +
    `SignedHeaders=${Object.keys(headers).sort().join(";")},Signature=${signature}`;
  return { method, target, headers: { ...headers, authorization }, body };
}

function verify(raw: RawRequest, now = NOW) {
  return verifySignature(parseRequest(raw), { credentials: CREDENTIALS, now });
}

function assertCode(action: () => unknown, code: string): void {
  assert.throws(action, (error) => error instanceof S3Error && error.code === code);
}

const EXAMPLES: readonly Example[] = [
  {
    target: "/test.txt",
    headers: { range: "bytes=0-9" },
    signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  },
  {
    method: "PUT",
    target: "/test%24file.text",
    headers: {
      date: "Fri, 24 May 2013 00:00:00 GMT",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
    },
    body: new TextEncoder().encode("Welcome to Amazon S3."),
    signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  },
  {
    target: "/?lifecycle",
    signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  },
  {
    target: "/?max-keys=2&prefix=J",
    signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  },
];

for (const example of EXAMPLES) {
  Deno.test(`signature: ${example.method ?? "GET"} ${example.target}`, () => {
    const raw = signedRequest(example);
    assert.equal(verify(raw).caller.accessKeyId, ACCESS_KEY);
    decodeBody(raw.body, raw.headers, verify(raw));
  });

  Deno.test(`signature: ${example.method ?? "GET"} ${example.target}, changed on the way`, () => {
    const raw = signedRequest(example);
    const changed: RawRequest[] = [
      { ...raw, method: "DELETE" },
      { ...raw, target: raw.target + (raw.target.includes("?") ? "&x" : "x") },
      { ...raw, headers: { ...raw.headers, host: "other" } },
      { ...raw, headers: { ...raw.headers, "x-amz-date": "20130524T000001Z" } },
    ];
    for (const request of changed) assertCode(() => verify(request), "SignatureDoesNotMatch");
    const other = new TextEncoder().encode("other");
    assertCode(() => decodeBody(other, raw.headers, verify(raw)), "XAmzContentSHA256Mismatch");
  });
}

const PRESIGNED = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256" +
  `&X-Amz-Credential=${ACCESS_KEY}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request` +
  "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=" +
  "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
const PRESIGNED_REQUEST: RawRequest = {
  method: "GET",
  target: PRESIGNED,
  headers: { host: "examplebucket.s3.amazonaws.com" },
  body: NOBODY,
};

Deno.test("signature: a presigned URL, until it expires", () => {
  verify(PRESIGNED_REQUEST, NOW + 86_400_000);
  assertCode(() => verify(PRESIGNED_REQUEST, NOW + 86_400_001), "AccessDenied");
  const longer = PRESIGNED.replace("86400", "86401");
  assertCode(() => verify({ ...PRESIGNED_REQUEST, target: longer }), "SignatureDoesNotMatch");
});

const CHUNK_SIGNATURES = [
  "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
  "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
  "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
];

function chunkedBody(signatures: readonly string[]): Uint8Array {
  const sizes = [65_536, 1_024, 0];
  return new TextEncoder().encode(
    sizes.map((size, index) =>
      `${size.toString(16)};chunk-signature=${signatures[index]}\r\n${"a".repeat(size)}\r\n`
    ).join(""),
  );
}

function chunkedRequest(body: Uint8Array): RawRequest {
  const raw = signedRequest({
    method: "PUT",
    target: "/examplebucket/chunkObject.txt",
    headers: {
      host: "s3.amazonaws.com",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
      "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
      "content-encoding": "aws-chunked",
      "x-amz-decoded-content-length": "66560",
      "content-length": "66824",
    },
    signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
  });
  return { ...raw, body };
}

Deno.test("signature: every chunk of a streamed body", () => {
  const raw = chunkedRequest(chunkedBody(CHUNK_SIGNATURES));
  const { bytes } = decodeBody(raw.body, raw.headers, verify(raw));
  assert.equal(new TextDecoder().decode(bytes), "a".repeat(66_560));
});

Deno.test("signature: a streamed body that was changed, reordered or cut", () => {
  const whole = chunkedBody(CHUNK_SIGNATURES);
  const changed = whole.slice();
  changed[1_000] = 98;
  const [first = "", second = "", last = ""] = CHUNK_SIGNATURES;
  const cases: [Uint8Array, string][] = [
    [changed, "SignatureDoesNotMatch"],
    [chunkedBody([second, first, last]), "SignatureDoesNotMatch"],
    [whole.subarray(0, 65_000), "IncompleteBody"],
    [whole.subarray(0, whole.length - 90), "IncompleteBody"],
  ];
  for (const [body, code] of cases) {
    const raw = chunkedRequest(body);
    assertCode(() => decodeBody(raw.body, raw.headers, verify(raw)), code);
  }
});

const TRAILED_SIGNATURES = [
  "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
  "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
  "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
];
const TRAILER_SIGNATURE = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";

function trailedRequest(trailers: string): RawRequest {
  const raw = signedRequest({
    method: "PUT",
    target: "/examplebucket/chunkObject.txt",
    headers: {
      host: "s3.amazonaws.com",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
      "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
      "content-encoding": "aws-chunked",
      "x-amz-decoded-content-length": "66560",
      "x-amz-trailer": "x-amz-checksum-crc32c",
    },
    signature: "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
  });
  const chunks = new TextDecoder().decode(chunkedBody(TRAILED_SIGNATURES)).slice(0, -2);
  return { ...raw, body: new TextEncoder().encode(chunks + trailers) };
}

Deno.test("signature: a checksum that follows a streamed body", () => {
  const checksum = "x-amz-checksum-crc32c:sOO8/Q==\r\n";
  const decode = (trailers: string) => {
    const raw = trailedRequest(trailers);
    return decodeBody(raw.body, raw.headers, verify(raw)).trailers;
  };
  const signed = `x-amz-trailer-signature:${TRAILER_SIGNATURE}\r\n\r\n`;
  assert.deepEqual(decode(checksum + signed), { "x-amz-checksum-crc32c": "sOO8/Q==" });
  assertCode(() => decode(checksum), "SignatureDoesNotMatch");
  assertCode(() => decode(checksum.replace("sOO8", "tOO8") + signed), "SignatureDoesNotMatch");
  assertCode(() => decode(signed), "IncompleteBody");
});

Deno.test("signature: a trailing checksum that nobody signed for is no part of the object", () => {
  const body = new TextEncoder().encode(
    "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
  );
  const headers = {
    "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "x-amz-decoded-content-length": "5",
    "x-amz-trailer": "x-amz-checksum-crc32",
  };
  const signed = {
    ...verify(signedRequest(EXAMPLES[0]!)),
    payloadHash: headers["x-amz-content-sha256"],
  };
  const { bytes, trailers } = decodeBody(body, headers, signed);
  assert.equal(new TextDecoder().decode(bytes), "hello");
  assert.deepEqual(trailers, { "x-amz-checksum-crc32": "NhCmhg==" });
  const unannounced = { ...headers, "x-amz-trailer": "x-amz-checksum-sha256" };
  assertCode(() => decodeBody(body, unannounced, signed), "InvalidRequest");
});

Deno.test("signature: who is unknown or signs with another secret", () => {
  const raw = signedRequest(EXAMPLES[0]!);
  const request = parseRequest(raw);
  const others = new Map([["someone", { secretAccessKey: SECRET }]]);
  assertCode(
    () => verifySignature(request, { credentials: others, now: NOW }),
    "InvalidAccessKeyId",
  );
  const changed = new Map([[ACCESS_KEY, { secretAccessKey: "another" }]]);
  assertCode(
    () => verifySignature(request, { credentials: changed, now: NOW }),
    "SignatureDoesNotMatch",
  );
  const { authorization: _, ...anonymous } = raw.headers;
  assertCode(() => verify({ ...raw, headers: anonymous }), "AccessDenied");
});

Deno.test("signature: headers that count must be signed, and time must be near", () => {
  const raw = signedRequest(EXAMPLES[0]!);
  const smuggled = { ...raw.headers, "x-amz-storage-class": "GLACIER" };
  assertCode(() => verify({ ...raw, headers: smuggled }), "AccessDenied");
  const request = parseRequest(raw);
  const options = { credentials: CREDENTIALS, clockSkew: 900_000 };
  verifySignature(request, { ...options, now: NOW + 900_000 });
  assertCode(
    () => verifySignature(request, { ...options, now: NOW + 900_001 }),
    "RequestTimeTooSkewed",
  );
});
