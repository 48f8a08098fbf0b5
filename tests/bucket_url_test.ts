import assert from "node:assert/strict";
import fc from "npm:fast-check@4.10.2";
import { InputError } from "../lib/model/errors.ts";
import { formatBucketUrl, parseBucketUrl } from "../lib/s3/bucket_url.ts";
import { SEED } from "./seed.ts";

function refusal(url: string): string {
  try {
    parseBucketUrl(url);
  } catch (error) {
    assert.ok(error instanceof InputError);
    return error.message;
  }
  throw new assert.AssertionError({ message: `${url} was accepted` });
}

Deno.test("a bucket's URL gives its parts", () => {
  assert.deepEqual(parseBucketUrl("s3://photos"), {
    bucket: "photos",
    prefix: "",
    pathStyle: false,
  });
  assert.deepEqual(
    parseBucketUrl(
      "s3://photos/2026/a%20b+c?region=eu-west-1&endpoint=http://127.0.0.1:7480&profile=prod",
    ),
    {
      bucket: "photos",
      prefix: "2026/a b+c",
      region: "eu-west-1",
      endpoint: "http://127.0.0.1:7480",
      profile: "prod",
      pathStyle: true,
    },
  );
});

Deno.test("path style follows the endpoint unless the URL says otherwise", () => {
  assert.equal(parseBucketUrl("s3://photos?endpoint=https://s3.example.org").pathStyle, true);
  assert.equal(
    parseBucketUrl("s3://photos?endpoint=https://s3.example.org&path-style=false").pathStyle,
    false,
  );
  assert.equal(parseBucketUrl("s3://photos?path-style=true").pathStyle, true);
  assert.match(refusal("s3://photos?path-style=yes"), /true or false/);
});

Deno.test("a prefix stays as it is: no slash, dot or case is normalised", () => {
  for (const prefix of ["/", "//a", "../b/./c", "É/\n", "a b", "\u{1F600}"]) {
    assert.equal(parseBucketUrl(`s3://photos/${prefix}`).prefix, prefix);
  }
});

Deno.test("credentials in a URL are refused, and not repeated", () => {
  for (
    const url of [
      "s3://AKIA:hunter2@photos",
      "s3://photos?endpoint=http://AKIA:hunter2@127.0.0.1",
      "s3://photos?secret-access-key=hunter2",
      "s3://photos?awsSessionToken=hunter2",
    ]
  ) {
    const message = refusal(url);
    assert.match(message, /must not hold credentials/);
    assert.doesNotMatch(message, /hunter2/);
  }
  assert.doesNotMatch(refusal("http://AKIA:hunter2@photos"), /hunter2/);
  assert.doesNotMatch(refusal("AKIA:hunter2@photos"), /hunter2/);
});

Deno.test("an unknown parameter is refused with the nearest known one", () => {
  assert.match(refusal("s3://photos?regoin=eu-west-1"), /did you mean region\?/);
  assert.match(refusal("s3://photos?PathStyle=true"), /did you mean path-style\?/);
  assert.match(refusal("s3://photos?colour=red"), /known are region, endpoint/);
  assert.match(refusal("s3://photos?region=a&region=b"), /region twice/);
});

Deno.test("what cannot be a bucket is refused with what would be", () => {
  assert.match(refusal("photos"), /did you mean s3:\/\/photos\?/);
  assert.match(refusal("https://photos.s3.amazonaws.com"), /https: names no bucket/);
  assert.match(refusal("s3://photos#1"), /%23/);
  assert.match(refusal("s3://photos/100%"), /write % as %25/);
  assert.match(refusal("s3://photos?region=eu%20west"), /no region/);
  assert.match(refusal("s3://photos?endpoint=127.0.0.1:7480"), /use a URL such as/);
  assert.match(refusal("s3://photos?endpoint=ftp://127.0.0.1"), /use a URL such as/);
  assert.match(refusal("s3://photos?profile="), /profile .* is empty/);
  for (
    const name of ["", "ab", "-photos", "photos-", "pho..tos", "pho tos", "arn:aws:s3:::photos"]
  ) {
    assert.match(refusal(`s3://${name}`), /no bucket's name/);
  }
});

Deno.test("every location survives being written and read", () => {
  const location = fc.record({
    bucket: fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,20}[a-z0-9]$/),
    prefix: fc.string({ unit: "binary" }),
    pathStyle: fc.boolean(),
    region: fc.constantFrom("eu-west-1", "us-gov-east-1"),
    endpoint: fc.constantFrom("http://127.0.0.1:7480", "https://s3.example.org/a+b/%20"),
    profile: fc.string({ minLength: 1, unit: "binary" }),
  }, { requiredKeys: ["bucket", "prefix", "pathStyle"] });
  fc.assert(
    fc.property(location, (location) => {
      assert.deepEqual(parseBucketUrl(formatBucketUrl(location)), { ...location });
    }),
    { seed: SEED },
  );
});
