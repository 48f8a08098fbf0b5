/**
 * Point-in-time snapshots of versioned S3 buckets, and the way back.
 *
 * @module
 */
export const VERSION = "0.1.0";
