import assert from "node:assert/strict";
import { Output, OutputClosed } from "../cli/output.ts";
import { failureOf, UsageError } from "../cli/errors.ts";
import { InputError, S3Error, StoreError } from "../lib/model/errors.ts";
import { Interrupted } from "../cli/signals.ts";

Deno.test("everything is written, in pieces as small as the stream takes", async () => {
  const bytes: number[] = [];
  const output = new Output({
    write(piece) {
      bytes.push(...piece.subarray(0, 1000));
      return Promise.resolve(Math.min(piece.length, 1000));
    },
  });
  const text = "héllo\n".repeat(20_000);
  for (const line of text.split(/(?<=\n)/)) await output.write(line);
  await output.writeJson({ a: "\n" });
  await output.flush();
  assert.equal(new TextDecoder().decode(new Uint8Array(bytes)), text + '{"a":"\\n"}\n');
});

Deno.test("a reader that went away is told apart from what fails", async () => {
  const output = (error: Error) => new Output({ write: () => Promise.reject(error) });
  const flushed = async (error: Error) => {
    const failing = output(error);
    await failing.write("x");
    await failing.flush();
  };
  await assert.rejects(flushed(new Deno.errors.BrokenPipe("gone")), OutputClosed);
  await assert.rejects(flushed(new Error("disk full")), /disk full/);
});

Deno.test("each error has its code and its exit code", () => {
  const refused = (text: string) => new Deno.errors.NotCapable(text);
  const cases: readonly (readonly [unknown, string, number, RegExp])[] = [
    [new InputError("no"), "InvalidInput", 2, /^no$/],
    [new UsageError("no"), "Usage", 2, /^no$/],
    [new StoreError("NoSpace", "full"), "NoSpace", 1, /^full$/],
    [new S3Error("SlowDown", "slow"), "SlowDown", 1, /^slow$/],
    [new Interrupted("SIGINT"), "Interrupted", 130, /^stopped by SIGINT$/],
    [new TypeError("bug"), "Unexpected", 1, /^bug$/],
    ["text", "Unexpected", 1, /^text$/],
    [
      refused('Requires read access to "/a b", run again with the --allow-read flag'),
      "NotPermitted",
      1,
      /run again with --allow-read='\/a b'$/,
    ],
    [
      refused("Requires read access to <CWD>, run again with the --allow-read flag"),
      "NotPermitted",
      1,
      /run again with --allow-read$/,
    ],
    [
      new StoreError("Denied", "cannot list x", {
        cause: refused('Requires net access to "h:1", run again with the --allow-net flag'),
      }),
      "NotPermitted",
      1,
      /^cannot list x\. Deno does not allow it: run again with --allow-net=h:1$/,
    ],
  ];
  for (const [error, code, exitCode, message] of cases) {
    const failure = failureOf(error);
    assert.deepEqual([failure.code, failure.exitCode], [code, exitCode]);
    assert.match(failure.message, message);
  }
});
