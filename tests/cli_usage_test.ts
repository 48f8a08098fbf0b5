import assert from "node:assert/strict";
import pMap from "npm:p-map@7.1.1";
import { runCommand } from "./command.ts";

/** Commands that run at once. */
const PROCESSES = 4;

/** Command lines that are wrong in themselves, and what is said of them. */
const WRONG: readonly (readonly [string, RegExp])[] = [
  ["", /no command is given: see backup-my-bucket --help/],
  ["--quiet", /no command is given: see backup-my-bucket --help/],
  ["help lst", /unknown command 'lst'/],
  ["lst", /unknown command 'lst' \(Did you mean one of list, ls\?\)/],
  ["snapshots", /unknown command 'snapshots' \(Did you mean snapshot\?\)/],
  ["list --jsn", /unknown option '--jsn' \(Did you mean --json\?\)/],
  ["snapshot --lable x", /unknown option '--lable' \(Did you mean --label\?\)/],
  ["restore", /what is to be restored\? Name a snapshot/],
  ["restore latest --thaw-days 3", /--thaw-days says how long --thaw lasts: give that, too/],
  ["verify --seed 3", /--seed says which objects --data reads: give that, too/],
  ["delete", /missing required argument 'snapshot'/],
  ["list extra", /too many arguments/],
  ["list --concurrency 0", /'0' is invalid\. Use a whole number, from 1 to 1024\./],
  ["list --concurrency many", /'many' is invalid\. Use a whole number, from 1 to 1024\./],
  ["list --log-format xml", /'xml' is invalid\. Allowed choices are text, json\./],
  ["gc --minimum-redundancy 0", /'0' is invalid\. Use a whole number, 1 or more\./],
  ["gc --retention-days 0", /'0' is invalid\. Use a whole number, 1 or more\./],
  ["gc --keep-daily -1", /argument '-1' is invalid|missing/],
  ["gc --keep-within 0h", /'--keep-within <age>' argument '0h' is invalid\. .* more than 0/],
  ["gc --keep-within week", /"week" is not an age such as 90m, 36h, 7d/],
  ["snapshot --at yesterday", /"yesterday" is neither a time such as 2026-11-23.* nor an age/],
  ["gc --keep-last 1 --unreferenced soon", /"soon" is not an age such as 90m, 36h, 7d/],
  ["gc --keep-last 1 --unreferenced", /argument missing/],
  ["gc --keep-daily 1 --time-zone Mars", /Mars/],
  ["gc --keep-last 1 --safety-days -1", /argument '-1' is invalid|missing/],
  ["gc", /gc needs a retention rule.*For example: gc --retention-days 30/],
  ["gc --minimum-redundancy 3", /gc needs a retention rule/],
  ["list", /no store is given: name one with --store/],
  ["snapshot --allow-empty", /--allow-empty is about --at: a snapshot of now may always be empty/],
  ["snapshot --store memory:", /no bucket is given: name one with --source/],
  [
    "snapshot --source photos --store memory:",
    /"photos" is no bucket's URL: did you mean s3:\/\/photos\?/,
  ],
  ["snapshot --source s3://a:b@photos --store memory:", /must not hold credentials/],
  ["list --store s3://AKIA:hunter2@photos/x", /the URL of the store holds credentials/],
  ["list --store sqlite:///x?password=hunter2", /the URL of the store holds credentials/],
  ["list --store ftp://x/y", /no driver opens "ftp:" stores; known: file:, memory:, s3:, sqlite:/],
  ["list --set photos --store memory:", /no set "photos": no configuration file is used/],
];

Deno.test("a wrong command line ends with code 2 and says what would be right", async () => {
  await pMap(WRONG, async ([line, message]) => {
    const { code, stdout, stderr } = await runCommand(line.split(" ").filter(Boolean));
    assert.match(stderr, /^backup-my-bucket: error: .*\n$/, line);
    assert.match(stderr, message, line);
    assert(!stderr.includes("hunter2"), line);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" }, line);
  }, { concurrency: PROCESSES });
});

Deno.test("with --json an error is one JSON document on stderr", async () => {
  for (
    const line of [
      "gc --json",
      "--json",
      "help lst --json",
      "list --jsn --json",
      "list --json --store ftp://x/y",
    ]
  ) {
    const { code, stdout, stderr } = await runCommand(line.split(" "));
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    const { error } = JSON.parse(stderr);
    assert.deepEqual(Object.keys(error), ["code", "message"]);
    assert.equal(error.code, line.includes("ftp") ? "InvalidInput" : "Usage");
  }
});
