/**
 * For authors of store drivers: what makes a store of few functions, and the conformance suite that
 * every store passes. See docs/PLUGINS.md.
 *
 * @module
 */
export {
  type ConformanceCheck,
  type StoreCapabilities,
  storeConformance,
  type StoreConformanceOptions,
} from "./lib/conformance/store_conformance.ts";
export { guardStore } from "./backends/guarded_store.ts";
export type { ByteSource, RawPutOptions, RawStore } from "./backends/raw_store.ts";
export {
  assertStoreName,
  MAX_STORE_NAME_LENGTH,
  MAX_STORE_SEGMENT_LENGTH,
  type PutOptions,
  type SnapshotStore,
  type StoreItem,
} from "./lib/model/store.ts";
export type {
  OpenStoreDriver,
  OpenStoreOptions,
  SnapshotStoreDriver,
} from "./lib/model/store_driver.ts";
export { BackupError, InputError, StoreError, type StoreErrorCode } from "./lib/model/errors.ts";
