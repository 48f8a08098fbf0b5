import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "npm:fast-check@4.10.2";
import { resolveSettings } from "../lib/config.ts";
import { runs } from "./seed.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG";

/** The file as people wrote it in 2015. */
const SAMPLE = {
  LogLevel: 1,
  AwsLogLevel: 0,
  Syslog: true,
  BackupSet: {
    SnapshotsDir: "/var/backups/photos",
    CompressSnapshots: true,
    MinimumRedundancy: 2,
    RetentionPolicy: 30,
    MasterBucket: "photos",
    MasterRegion: "eu-west-1",
    SlaveBucket: "photos-replica",
    SlaveRegion: "eu-central-1",
    AccessKey: "AKIDEXAMPLE",
    SecretKey: SECRET,
  },
};

function settingsOf(config: unknown, path = "/etc/backup-my-bucket.conf") {
  return resolveSettings({ file: { path, text: JSON.stringify(config, null, 4) } });
}

/** The sample with another value in its set; undefined leaves it out. */
function sampleWith(changes: Record<string, unknown>) {
  return { ...SAMPLE, BackupSet: { ...SAMPLE.BackupSet, ...changes } };
}

Deno.test("the file of 2015 is read as it stands", () => {
  const { credentials, ...settings } = settingsOf(SAMPLE);
  assert.deepEqual(settings, {
    set: "default",
    source: "s3://photos?region=eu-west-1",
    replica: "s3://photos-replica?region=eu-central-1",
    store: "/var/backups/photos",
    compress: true,
    retention: { days: 30, minimumRedundancy: 2 },
    drivers: {},
    log: { level: "info", format: "text", syslog: true },
    warnings: [],
  });
  assert.deepEqual(credentials?.reveal(), {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: SECRET,
  });
});

Deno.test("it is told by what it holds, under any name", () => {
  assert.equal(settingsOf(SAMPLE, "/home/me/settings.jsonc").store, "/var/backups/photos");
});

Deno.test("its names match in any case", () => {
  const mixed = fc.infiniteStream(fc.boolean()).map((flips) => {
    const change = (value: unknown): unknown =>
      typeof value !== "object" || value === null ? value : Object.fromEntries(
        Object.entries(value).map(([name, each]) => [
          [...name].map((letter) =>
            flips.next().value ? letter.toUpperCase() : letter.toLowerCase()
          ).join(""),
          change(each),
        ]),
      );
    return change(SAMPLE);
  });
  const expected = inspect(settingsOf(SAMPLE));
  fc.assert(
    fc.property(mixed, (file) => assert.equal(inspect(settingsOf(file)), expected)),
    runs(50),
  );
});

Deno.test("its log levels are quiet, info and debug", () => {
  const level = (LogLevel: unknown) => settingsOf({ ...SAMPLE, LogLevel }).log.level;
  assert.deepEqual([0, 1, 2, undefined].map(level), ["error", "info", "debug", "info"]);
});

Deno.test("its keys are shown by nothing that prints", () => {
  const settings = settingsOf(SAMPLE);
  for (
    const text of [
      inspect(settings, { depth: 9, showHidden: true }),
      Deno.inspect(settings),
      JSON.stringify(settings),
      String(settings.credentials),
    ]
  ) {
    assert(!text.includes(SECRET) && !text.includes("AKIDEXAMPLE"), text);
  }
});

Deno.test("without keys, they come from where the AWS tools look", () => {
  const without = sampleWith({ AccessKey: undefined, SecretKey: "" });
  assert.equal(settingsOf(without).credentials, undefined);
});

Deno.test("a snapshots directory that is relative is found from where the file is", () => {
  assert.equal(settingsOf(sampleWith({ SnapshotsDir: "snapshots" })).store, "/etc/snapshots");
});

Deno.test("what is unknown in it, or has no effect any more, is told but does not stop", () => {
  const { warnings } = settingsOf({ ...sampleWith({ SnapshotDir: "x" }), AwsLogLevel: 3 });
  assert.equal(warnings.length, 2);
  assert.match(warnings[0]!, /conf:3:5: AwsLogLevel has no effect any more/);
  assert.match(
    warnings[1]!,
    /:\d+:9: SnapshotDir is unknown and has no effect: did you mean SnapshotsDir\?/,
  );
});

Deno.test("what is missing or wrong in it is told with its place", () => {
  const wrong: [unknown, RegExp][] = [
    [sampleWith({ MasterBucket: undefined }), /conf:5:5: MasterBucket is missing/],
    [sampleWith({ SlaveBucket: "" }), /conf:\d+:9: SlaveBucket is missing/],
    [sampleWith({ SnapshotsDir: undefined }), /SnapshotsDir is missing/],
    [sampleWith({ MinimumRedundancy: 0 }), /MinimumRedundancy must be a whole number, 1 or more/],
    [sampleWith({ RetentionPolicy: "30" }), /RetentionPolicy must be a whole number, 1 or more/],
    [sampleWith({ CompressSnapshots: "yes" }), /CompressSnapshots must be true or false/],
    [sampleWith({ MasterRegion: 1 }), /MasterRegion must be a text in double quotes/],
    [sampleWith({ SecretKey: undefined }), /AccessKey comes without SecretKey/],
    [sampleWith({ AccessKey: undefined }), /SecretKey comes without AccessKey/],
    [sampleWith({ SecretKey: 12345678 }), /SecretKey must be a text/],
    [{ ...SAMPLE, LogLevel: 3 }, /LogLevel must be a whole number, from 0 to 2/],
    [{ ...SAMPLE, AwsLogLevel: 6 }, /AwsLogLevel must be a whole number, from 0 to 5/],
    [{ ...SAMPLE, BackupSet: [] }, /BackupSet must be an object/],
  ];
  for (const [config, message] of wrong) {
    assert.throws(() => settingsOf(config), (error: unknown) => {
      assert(error instanceof Error && error.name === "InputError");
      assert.match(error.message, message);
      assert(!error.message.includes(SECRET) && !error.message.includes("12345678"));
      return true;
    });
  }
});

Deno.test("a bucket's name that no bucket has is told with its place", () => {
  assert.throws(() => settingsOf(sampleWith({ MasterBucket: "no bucket" })), {
    name: "InputError",
    message: /^\/etc\/backup-my-bucket\.conf:\d+:9: .*no bucket/,
  });
});
