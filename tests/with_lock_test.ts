import assert from "node:assert/strict";
import { openMemoryStore } from "../backends/memory.ts";
import { withLock } from "../lib/lock/with_lock.ts";
import { openBucket } from "../lib/s3/bucket.ts";

Deno.test("an abort ends the taking of a lock whose server does not answer", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr as Deno.NetAddr;
  await using bucket = openBucket(`s3://photos?region=x&endpoint=http://127.0.0.1:${port}`, {
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const abort = new AbortController(), reason = new Error("stop");
  const taking = withLock(
    { store: openMemoryStore(), bucket, purpose: "nothing", signal: abort.signal },
    () => assert.fail("it has no lock"),
  );
  const stopped = assert.rejects(taking, reason);
  using _ = await silent.accept();
  abort.abort(reason);
  await stopped;
});
