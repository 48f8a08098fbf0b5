import { setTimeout } from "node:timers/promises";

/** Wait. Abort: the timer is cleared and the reason is thrown. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
