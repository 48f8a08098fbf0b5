import type { Manifest, PartInfo } from "../model/manifest.ts";

/**
 * Two manifests without the parts that both have, byte for byte. The keys of such a part are the
 * same in both snapshots, and no other part of either holds a key in between.
 */
export function withoutEqualParts(a: Manifest, b: Manifest): [Manifest, Manifest] {
  return [without(a, b), without(b, a)];
}

function without(manifest: Manifest, other: Manifest): Manifest {
  const known = new Set(other.parts.map(contentOf));
  return { ...manifest, parts: manifest.parts.filter((part) => !known.has(contentOf(part))) };
}

/** Equal for parts that hold the same entries: their files and their patches' are the same. */
function contentOf({ sha256, patch }: PartInfo): string {
  return patch ? `${sha256} ${patch.sha256}` : sha256;
}
