/** A bucket that has changed since it was recorded, in every way that a restore deals with. */
import type { PermissionWorld } from "./permission_world.ts";

const TAGS = [["team", "a"]] as const;
/** An object as an upload of three parts leaves it. */
const IN_PARTS = { body: "uploaded in parts", partSize: 8 };

/** What a restore of {@linkcode changed} comes to: all of it, but for what is lost and cut off. */
export const RESTORED = /"copied":5.*"failures":\["cut InternalError","lost NoSuchVersion"\]/;

/** Take a point, and change the source. The upload of `cut` breaks off. */
export async function changed(world: PermissionWorld): Promise<void> {
  const { holder, emulator } = world;
  world.seed(
    holder,
    { key: "cut", ...IN_PARTS },
    { key: "missing", body: "m" },
    { key: "own", body: "o", tags: TAGS },
    { key: "parts", ...IN_PARTS, tags: TAGS },
    { key: "plain", body: "p" },
    { key: "tagged", body: "t", tags: TAGS },
  );
  const lost = world.seed(holder, { key: "lost", body: "l" });
  if (holder !== "source") world.mirror("own");
  await world.point();
  world.lose(holder, "lost", lost);
  for (const key of ["cut", "own", "parts", "plain", "tagged"]) {
    world.seed("source", { key, body: "new" });
  }
  if (holder === "source") {
    // Not right below the marker, so that it is copied to where nothing is.
    world.seed(holder, { key: "missing", body: "new" }, { key: "missing", deleteMarker: true });
  }
  emulator.faults.add({ kind: "internal-error", operation: "UploadPartCopy", key: "cut" });
}
