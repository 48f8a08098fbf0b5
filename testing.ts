/**
 * For authors of store drivers: the conformance suite that every store passes.
 *
 * @module
 */
export const SUITE = 1;
