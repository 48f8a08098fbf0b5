import assert from "node:assert/strict";
import { resolveSettings } from "../lib/config.ts";
import { InputError } from "../lib/model/errors.ts";

const PATH = "/etc/backup/config.jsonc";

/** The settings of a file with this text, and what else there is. */
function settingsOf(text: string, more: Omit<Parameters<typeof resolveSettings>[0], "file"> = {}) {
  return resolveSettings({ file: { path: PATH, text }, ...more });
}

function problemOf(text: string): string {
  try {
    settingsOf(text);
  } catch (error) {
    assert(error instanceof InputError, String(error));
    return error.message;
  }
  throw new Error(`accepted: ${text}`);
}

const PHOTOS = `{
  // where it all is
  "$schema": "https://example.org/config.schema.json",
  "log": { "level": "debug", "format": "json", "syslog": true },
  "sets": {
    "photos": {
      "source": "s3://photos?region=eu-west-1",
      "replica": "s3://photos-replica?region=eu-central-1",
      "store": "file:///var/backups/photos",
      "compress": false,
      "concurrency": 8,
      "retention": { "days": 30, "minimumRedundancy": 2, "keepMonthly": 12, "keepWithin": "2d" },
    },
  },
  "drivers": { "gs": "./gs_store.ts", "az": "npm:az-store@1.0.0" },
}`;

Deno.test("a whole file becomes settings", () => {
  assert.deepEqual(settingsOf(PHOTOS), {
    set: "photos",
    source: "s3://photos?region=eu-west-1",
    replica: "s3://photos-replica?region=eu-central-1",
    store: "file:///var/backups/photos",
    compress: false,
    concurrency: 8,
    retention: { days: 30, minimumRedundancy: 2, keepMonthly: 12, keepWithin: 2 * 86_400_000 },
    drivers: { gs: "file:///etc/backup/gs_store.ts", az: "npm:az-store@1.0.0" },
    log: { level: "debug", format: "json", syslog: true },
    warnings: [],
  });
});

Deno.test("without any source there are defaults, and no bucket or store", () => {
  assert.deepEqual(resolveSettings({}), {
    compress: true,
    retention: {},
    drivers: {},
    log: { level: "info", format: "text", syslog: false },
    warnings: [],
  });
});

Deno.test("one bucket is source and replica at once", () => {
  const text = (key: string) => `{ "sets": { "a": { "${key}": "s3://photos", "store": "x" } } }`;
  for (const key of ["source", "replica"]) {
    const { source, replica } = settingsOf(text(key));
    assert.deepEqual([source, replica], ["s3://photos", "s3://photos"]);
  }
});

Deno.test("a path in a file is found from where the file is, one in the environment is not", () => {
  const text = `{ "sets": { "a": { "store": "../snapshots" } } }`;
  assert.equal(settingsOf(text).store, "/etc/snapshots");
  const readVariable = (name: string) => name.endsWith("_STORE") ? "../snapshots" : undefined;
  assert.equal(settingsOf(text, { readVariable }).store, "../snapshots");
  assert.equal(settingsOf(`{ "sets": { "a": { "store": "~/x" } } }`).store, "~/x");
});

Deno.test("the command line goes before the environment, it before the file, it before defaults", () => {
  const text = `{
    "log": { "level": "debug", "format": "json" },
    "sets": { "a": {
      "source": "s3://file", "store": "/file", "concurrency": 1, "compress": false,
      "retention": { "days": 1, "keepLast": 1, "keepDaily": 1 } } } }`;
  const variables: Record<string, string> = {
    BACKUP_MY_BUCKET_STORE: "/environment",
    BACKUP_MY_BUCKET_CONCURRENCY: "2",
    BACKUP_MY_BUCKET_RETENTION_DAYS: "2",
    BACKUP_MY_BUCKET_KEEP_LAST: "2",
    BACKUP_MY_BUCKET_LOG_LEVEL: "warning",
  };
  const settings = settingsOf(text, {
    readVariable: (name) => variables[name],
    overrides: { concurrency: 3, retention: { days: 3, keepYearly: undefined }, store: undefined },
  });
  assert.equal(settings.source, "s3://file");
  assert.equal(settings.store, "/environment");
  assert.equal(settings.concurrency, 3);
  assert.equal(settings.compress, false);
  assert.deepEqual(settings.retention, { days: 3, keepLast: 2, keepDaily: 1 });
  assert.deepEqual(settings.log, { level: "warning", format: "json", syslog: false });
});

Deno.test("every variable is read, by its documented name", () => {
  const variables: Record<string, string> = {
    SET: "b",
    SOURCE: "s3://123",
    REPLICA: "s3://456",
    STORE: "789",
    COMPRESS: "false",
    CONCURRENCY: "010",
    LOG_LEVEL: "error",
    LOG_FORMAT: "json",
    LOG_SYSLOG: "true",
    RETENTION_DAYS: "1",
    MINIMUM_REDUNDANCY: "2",
    KEEP_LAST: "3",
    KEEP_HOURLY: "4",
    KEEP_DAILY: "5",
    KEEP_WEEKLY: "6",
    KEEP_MONTHLY: "7",
    KEEP_YEARLY: "8",
    KEEP_WITHIN: "9h",
    TIME_ZONE: "Europe/Berlin",
    SAFETY_DAYS: "0",
  };
  const asked = new Set<string>();
  const settings = settingsOf(`{ "sets": { "a": {}, "b": {} } }`, {
    readVariable: (name) => {
      asked.add(name.replace("BACKUP_MY_BUCKET_", ""));
      return variables[name.replace("BACKUP_MY_BUCKET_", "")];
    },
  });
  assert.deepEqual([...asked].sort(), Object.keys(variables).sort());
  assert.deepEqual(settings, {
    set: "b",
    source: "s3://123",
    replica: "s3://456",
    store: "789",
    compress: false,
    concurrency: 10,
    retention: {
      days: 1,
      minimumRedundancy: 2,
      keepLast: 3,
      keepHourly: 4,
      keepDaily: 5,
      keepWeekly: 6,
      keepMonthly: 7,
      keepYearly: 8,
      keepWithin: 9 * 3_600_000,
      timeZone: "Europe/Berlin",
      safetyDays: 0,
    },
    drivers: {},
    log: { level: "error", format: "json", syslog: true },
    warnings: [],
  });
});

Deno.test("a variable that cannot be used is named with what it accepts", () => {
  const wrong: [string, string, RegExp][] = [
    [
      "KEEP_LAST",
      "many",
      /^BACKUP_MY_BUCKET_KEEP_LAST: keepLast must be a whole number, 1 or more/,
    ],
    ["MINIMUM_REDUNDANCY", "0", /^BACKUP_MY_BUCKET_MINIMUM_REDUNDANCY: .*1 or more, not 0$/],
    ["RETENTION_DAYS", "1.5", /^BACKUP_MY_BUCKET_RETENTION_DAYS: .*, not 1.5$/],
    ["CONCURRENCY", "5000", /^BACKUP_MY_BUCKET_CONCURRENCY: .*from 1 to 1024, not 5000$/],
    ["COMPRESS", "yes", /^BACKUP_MY_BUCKET_COMPRESS: compress must be true or false/],
    ["LOG_LEVEL", "loud", /^BACKUP_MY_BUCKET_LOG_LEVEL: .*"error", "warning", "info", "debug"/],
    ["KEEP_WITHIN", "7", /^BACKUP_MY_BUCKET_KEEP_WITHIN: .*an age such as 90m/],
    ["TIME_ZONE", "Mars", /^BACKUP_MY_BUCKET_TIME_ZONE: .*Europe\/Berlin/],
  ];
  for (const [name, value, message] of wrong) {
    const readVariable = (asked: string) => asked.endsWith(`BUCKET_${name}`) ? value : undefined;
    assert.throws(() => resolveSettings({ readVariable }), { name: "InputError", message });
  }
});

Deno.test("an empty variable is as good as none", () => {
  assert.equal(resolveSettings({ readVariable: () => "" }).log.level, "info");
});

Deno.test("with several sets one must be named", () => {
  const text = `{ "sets": { "photos": { "store": "/p" }, "films": { "store": "/f" } } }`;
  assert.match(problemOf(text), /which set is meant\? Name one with --set: it has photos, films/);
  assert.equal(settingsOf(text, { overrides: { set: "films" } }).store, "/f");
  assert.throws(() => settingsOf(text, { overrides: { set: "photo" } }), {
    name: "InputError",
    message: `${PATH}: there is no set "photo": did you mean photos?`,
  });
  assert.throws(() => settingsOf(text, { overrides: { set: "constructor" } }), {
    message: /there is no set "constructor": it has photos, films/,
  });
  // What is all said elsewhere needs no set.
  assert.equal(settingsOf(text, { overrides: { store: "/other" } }).store, "/other");
});

Deno.test("a set without any file is an error, not overlooked", () => {
  assert.throws(() => resolveSettings({ overrides: { set: "photos" } }), {
    name: "InputError",
    message: /no set "photos": no configuration file is used/,
  });
});

Deno.test("what is wrong in a file is told with its place, its path and what is accepted", () => {
  const wrong: [string, string][] = [
    [
      `{ "sets": { "a": { "retention": { "days": "30" } } } }`,
      ":1:35: sets.a.retention.days must be a whole number, 1 or more, not this text",
    ],
    [
      `{ "sets": {\n "a": {\n  "retention": { "minimumRedundancy": 0 } } } }`,
      ":3:18: sets.a.retention.minimumRedundancy must be a whole number, 1 or more, not 0",
    ],
    [
      `{ "sets": { "a": { "stroe": "x" } } }`,
      ":1:20: sets.a.stroe is unknown: did you mean store?",
    ],
    [`{ "set": {}, "sets": {} }`, ":1:3: set is unknown: did you mean sets?"],
    [
      `{ "sets": {}, "colour": 1 }`,
      ":1:15: colour is unknown: known are $schema, log, sets, drivers",
    ],
    [
      `{ "sets": { "a": { "retention": { "keepMontly": 1 } } } }`,
      ":1:35: sets.a.retention.keepMontly is unknown: did you mean keepMonthly?",
    ],
    [
      `{ "log": { "levle": "info" }, "sets": {} }`,
      ":1:12: log.levle is unknown: did you mean level?",
    ],
    [
      `{ "log": { "level": "loud" }, "sets": {} }`,
      `:1:12: log.level must be one of "error", "warning", "info", "debug", not this text`,
    ],
    [
      `{ "sets": { "my photos": { "compress": 1 } } }`,
      `:1:28: sets."my photos".compress must be true or false, not 1`,
    ],
    [
      `{ "sets": { "a": { "concurrency": 0 } } }`,
      ":1:20: sets.a.concurrency must be a whole number from 1 to 1024, not 0",
    ],
    [
      `{ "sets": { "a": { "retention": { "keepWithin": "7" } } } }`,
      ":1:35: sets.a.retention.keepWithin must be an age such as 90m, 36h, 7d, 2w, 1y or 1d12h, not this text",
    ],
    [`{ "sets": [] }`, ":1:3: sets must be an object: a name for each set, not a list"],
    [`{ }`, ":1:1: sets must be an object: a name for each set"],
    [`[]`, ":1:1: the configuration must be an object, not a list"],
    [
      `{ "sets": { "a": { "source": "photos" } } }`,
      `:1:20: sets.a.source: "photos" is no bucket's URL: did you mean s3://photos?`,
    ],
    [
      `{ "sets": {}, "drivers": { "GS": "./gs.ts" } }`,
      ':1:28: drivers.GS is no URL scheme: use lower-case letters, digits, "+", "." and "-"',
    ],
    [`{ "sets": {}, "sets": {} }`, ":1:15: sets is given twice: give it once"],
    [`{ "sets": { "a": {} "b": {} } }`, `:1:21: a "," must stand before this`],
    [`{ "sets": { "a": { "source": s3 } } }`, ":1:30: this is no JSON: put text in double quotes"],
    [`{ "sets": {}`, `:1:13: a "}" is missing`],
    [`{ "sets": {} } }`, ":1:16: nothing may follow the configuration's end"],
    [``, " is empty: a configuration is an object, { ... }"],
  ];
  for (const [text, message] of wrong) assert.equal(problemOf(text), PATH + message);
});

Deno.test("several problems are told at once", () => {
  const message = problemOf(
    `{ "sets": { "a": { "compress": 1, "concurrency": "x", "stroe": 1 } } }`,
  );
  assert.equal(message.split("\n").length, 3);
});

Deno.test("credentials in a bucket's URL are refused and not repeated", () => {
  const message = problemOf(`{ "sets": { "a": { "source": "s3://AKIA:hunter2@photos" } } }`);
  assert.match(message, /sets\.a\.source: .*must not hold credentials/);
  assert(!message.includes("hunter2"));
});

Deno.test("a file may begin with a byte order mark", () => {
  assert.equal(settingsOf("\ufeff" + PHOTOS).set, "photos");
});
