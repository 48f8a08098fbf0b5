/**
 * Point-in-time snapshots of versioned S3 buckets, and the way back.
 *
 * @module
 */
export { VERSION } from "./lib/model/version.ts";
