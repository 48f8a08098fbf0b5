import type { SnapshotStore } from "../model/store.ts";

/**
 * Store bytes that are all there, and whose hash is known. They must not change meanwhile.
 *
 * @throws what the store's put rejects with, and when it says that it has more than it asked for
 */
export async function putBytes(
  store: SnapshotStore,
  name: string,
  bytes: Uint8Array,
  options: { readonly signal?: AbortSignal },
): Promise<void> {
  let isTaken = false, isSent = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (isTaken) {
        controller.close();
        isSent = true;
      } else {
        controller.enqueue(bytes);
        isTaken = true;
      }
    },
  }, { highWaterMark: 0 });
  await store.put(name, body, options);
  if (!isSent) {
    throw new Error(`the store said that it had ${name} in ${store.url} before it was all sent`);
  }
}
