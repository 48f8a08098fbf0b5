import assert from "node:assert/strict";
import { nearest } from "../lib/model/nearest.ts";

Deno.test("nearest finds the name that was meant, and none when none is near", () => {
  const known = ["retention", "source", "replica", "store"];
  assert.equal(nearest("retentoin", known), "retention");
  assert.equal(nearest("Replica", known), "replica");
  assert.equal(nearest("sorce", known), "source");
  assert.equal(nearest("compress", known), undefined);
  assert.equal(nearest("x", known), undefined);
  assert.equal(nearest("", known), undefined);
});
