import type { SnapshotStore } from "./store.ts";

/** What every driver is told besides its URL. */
export interface OpenStoreOptions {
  /** Abort: opening is given up and the reason is thrown. */
  readonly signal?: AbortSignal;
  /**
   * Whether the store may be one that the first put makes. False: one that is not there is refused
   * with the code `NotFound`, by a driver that can tell it from an empty one. Default: true.
   */
  readonly create?: boolean;
}

/**
 * Opens the store that `url` names. A driver does no I/O that can wait, checks the URL in full, and
 * refuses any part of it that it does not know, so that a typing error is not silently ignored.
 *
 * The URL never holds credentials: `openStore` refuses those before it loads a driver. Take them
 * from wherever the service's own tools look.
 *
 * @throws {InputError} when the URL cannot be used; the message says what would be accepted.
 * @throws {StoreError} when the store cannot be opened.
 */
export type OpenStoreDriver = (
  url: string,
  options?: OpenStoreOptions,
) => Promise<SnapshotStore>;

/** What a driver module must export, by this name or inside its default export. */
export interface SnapshotStoreDriver {
  /** See {@linkcode OpenStoreDriver}. */
  readonly openStore: OpenStoreDriver;
}
