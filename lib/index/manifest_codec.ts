/**
 * A manifest as bytes: JSON for any reader, whose last member is the SHA-256 of all that stands
 * before it. Every release, whatever its format, ends a manifest like this.
 */
import { createHash } from "node:crypto";
import { SnapshotError } from "../model/errors.ts";
import { type Manifest, PATCHED_FORMAT_VERSION } from "../model/manifest.ts";
import { manifestName } from "../model/snapshot_id.ts";
import { corruptSnapshot, Damage, fileUrl } from "./damage.ts";
import { checkManifest } from "./manifest_check.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a manifest ends with, after the hashed bytes. */
function tailOf(hashed: Uint8Array): string {
  return `,\n "sha256": "${createHash("sha256").update(hashed).digest("hex")}"\n}\n`;
}

const TAIL_BYTES = tailOf(new Uint8Array()).length;
const JSON_END = "\n}";

/** The bytes of `manifest.json`. @throws {RangeError} when the manifest contradicts itself */
export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  const json = JSON.stringify(checked(manifest), undefined, 1);
  const open = json.slice(0, -JSON_END.length);
  return encoder.encode(open + tailOf(encoder.encode(open)));
}

/** Its members in the order in which they are written; nothing unreadable is ever written. */
function checked(manifest: Manifest): Manifest {
  try {
    return checkManifest(manifest);
  } catch (error) {
    throw new RangeError(`not a manifest: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Read a manifest's bytes.
 *
 * @param id The snapshot it must be of.
 * @param storeUrl For messages.
 * @throws {SnapshotError} `CorruptSnapshot`, or `NewerFormat`
 */
export function decodeManifest(bytes: Uint8Array, id: string, storeUrl: string): Manifest {
  const file = fileUrl(storeUrl, manifestName(id));
  try {
    const value = parseSealed(bytes);
    refuseNewerFormat(value, file);
    const manifest = checkManifest(value);
    if (manifest.id !== id) throw new Damage(`it is the manifest of ${manifest.id}`);
    return manifest;
  } catch (error) {
    if (error instanceof Damage) throw corruptSnapshot(file, error.message, error);
    throw error;
  }
}

function parseSealed(bytes: Uint8Array): unknown {
  const hashed = bytes.subarray(0, Math.max(0, bytes.length - TAIL_BYTES));
  const tail = encoder.encode(tailOf(hashed));
  if (!tail.every((byte, i) => byte === bytes[hashed.length + i])) {
    throw new Damage("its SHA-256 is not the one it ends with, so it was changed or cut short");
  }
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new Damage(`it is not JSON (${(error as Error).message})`);
  }
}

function refuseNewerFormat(value: unknown, file: string): void {
  const format = (value as { readonly format?: unknown } | null)?.format;
  if (typeof format !== "number" || format <= PATCHED_FORMAT_VERSION) return;
  throw new SnapshotError(
    "NewerFormat",
    `cannot read ${file}: it was written by a later release, in format ${format}, and this one ` +
      `reads up to ${PATCHED_FORMAT_VERSION}: upgrade backup-my-bucket`,
  );
}
