import type { Manifest, PartInfo } from "../model/manifest.ts";

/**
 * Two manifests without the parts that both have, byte for byte. The keys of such a part are the
 * same in both snapshots, and no other part of either holds a key in between.
 */
export function withoutEqualParts(a: Manifest, b: Manifest): [Manifest, Manifest] {
  return [without(a, b), without(b, a)];
}

function without(manifest: Manifest, other: Manifest): Manifest {
  const known = new Set(other.parts.map(({ sha256 }: PartInfo) => sha256));
  return { ...manifest, parts: manifest.parts.filter(({ sha256 }) => !known.has(sha256)) };
}
