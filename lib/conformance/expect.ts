import assert from "node:assert/strict";
import { StoreError, type StoreErrorCode } from "../model/errors.ts";
import type { SnapshotStore, StoreItem } from "../model/store.ts";

/** What `promise` rejects with; fails when it resolves. */
export async function rejection(promise: Promise<unknown>, what: string): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail(`${what} resolved, and must reject`);
}

/**
 * A call that goes on while the check does other things. When one of those fails, nobody waits for
 * the call any more, and its rejection must not bring the test runner down.
 */
export function inBackground<T>(call: Promise<T>): Promise<T> {
  call.catch(() => {});
  return call;
}

/** Fails unless `promise` rejects with a StoreError of this code. */
export async function expectCode(
  promise: Promise<unknown>,
  code: StoreErrorCode,
  what: string,
): Promise<void> {
  const error = await rejection(promise, what);
  assert.ok(error instanceof StoreError, `${what} must reject with a StoreError, not ${error}`);
  assert.equal(error.code, code, `${what} must reject with ${code}: ${error.message}`);
  assert.ok(error.message.length > 0, `${what} must say what is wrong`);
}

/** All bytes of `name`. */
export async function readAll(store: SnapshotStore, name: string): Promise<Uint8Array> {
  return await new Response(await store.get(name)).bytes();
}

/** Fails unless `name` holds exactly `expected`. */
export async function expectBytes(
  store: SnapshotStore,
  name: string,
  expected: Uint8Array,
): Promise<void> {
  expectSame(await readAll(store, name), expected, name);
}

/** Fails unless two byte strings are equal, without printing megabytes of them. */
export function expectSame(actual: Uint8Array, expected: Uint8Array, name: string): void {
  assert.equal(actual.length, expected.length, `${name} came back with another length`);
  const at = actual.findIndex((byte, i) => byte !== expected[i]);
  assert.equal(at, -1, `${name} came back with another byte at ${at}`);
}

/** Everything that `list` yields. */
export async function listAll(store: SnapshotStore, prefix?: string): Promise<StoreItem[]> {
  return await Array.fromAsync(store.list(prefix === undefined ? {} : { prefix }));
}

/** Fails unless the store lists exactly these names, in this order. */
export async function expectNames(
  store: SnapshotStore,
  expected: readonly string[],
  prefix?: string,
): Promise<void> {
  assert.deepEqual((await listAll(store, prefix)).map((item) => item.name), expected);
}

/** Fails unless there is no trace of `name`. */
export async function expectMissing(store: SnapshotStore, name: string): Promise<void> {
  const names = (await listAll(store)).map((item) => item.name);
  assert.ok(!names.includes(name), `${name} is listed`);
  await expectCode(store.get(name), "NotFound", `get of the missing name ${name}`);
}
