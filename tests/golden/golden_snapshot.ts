import type { SnapshotInfo } from "../../lib/index/snapshot_writer.ts";
import type { Entry } from "../../lib/model/entry.ts";

/** The snapshot that the golden files hold. */
export const GOLDEN_ID = "20261123T011530Z-k3f9";

/** A later one, of which the only part is that of the first, with a patch. */
export const PATCHED_ID = "20261124T011530Z-7b2c";

/** What its manifest says besides. */
export const PATCHED_INFO: SnapshotInfo = {
  createdAt: "2026-11-24T01:16:02.000Z",
  asOf: "2026-11-24T01:15:30.000Z",
  bucket: { name: "photos", prefix: "2026/", region: "eu-west-1" },
};

/** Any patch pays, for a part however small. */
export const PATCH_ANYTHING = { minEntries: 1, maxShare: 1 };

/** What its manifest says besides. */
export const GOLDEN_INFO: SnapshotInfo = {
  createdAt: "2026-11-23T01:16:02.000Z",
  asOf: "2026-11-23T01:15:30.000Z",
  bucket: { name: "photos", prefix: "2026/", region: "eu-west-1" },
  label: "before the move",
};

/** Its entries: one for each way in which a value can be stored. */
export const GOLDEN_ENTRIES: readonly Entry[] = [
  {
    key: "2026/a.jpg",
    versionId: "L4kqtJlcpXroDTDmpmSpXd3dIbrHYX._",
    size: 0,
    etag: "d41d8cd98f00b204e9800998ecf8427e",
    lastModified: Date.UTC(2026, 0, 1),
    storageClass: "STANDARD",
  },
  {
    key: "2026/a/\u0000\n",
    versionId: "null",
    size: 300,
    etag: "0cc175b9c0f1b6a831c399e269772661",
    lastModified: Date.UTC(2026, 0, 1) + 1,
    storageClass: "STANDARD",
  },
  {
    key: "2026/b",
    versionId: "7f3d8a52-1c9e-4b60-9d2f-0a1b2c3d4e5f",
    size: 2 ** 53 - 1,
    etag: "92eb5ffee6ae2fec3ad71c777531578f-12",
    lastModified: -1,
    storageClass: "GLACIER",
  },
  {
    key: "2026/\uff5e",
    versionId: "abcdefghijklmno.ABCDEFGHIJKLMNO",
    size: 1,
    etag: "ODD",
    lastModified: 0,
    storageClass: "GLACIER",
  },
  {
    key: "2026/\u{1f600}",
    versionId: "a_b.c-d_e.f-g_h.i-j",
    size: 128,
    etag: "",
    lastModified: 1_000,
    storageClass: "STANDARD",
  },
];

const ADDED: Entry = {
  key: "2026/b.jpg",
  versionId: "L4kqtJlcpXroDTDmpmSpXd3dIbrHYX._",
  size: 2,
  etag: "92eb5ffee6ae2fec3ad71c777531578f",
  lastModified: Date.UTC(2026, 0, 2),
  storageClass: "GLACIER",
};

/** The later snapshot's entries: one is changed, one is gone, and one is new. */
export const PATCHED_ENTRIES: readonly Entry[] = GOLDEN_ENTRIES.flatMap((entry) => {
  if (entry.key === "2026/a.jpg") return [{ ...entry, versionId: "null", size: 1 }];
  return entry.key === "2026/b" ? [ADDED] : [entry];
});
