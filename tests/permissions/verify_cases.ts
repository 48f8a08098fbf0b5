/** What `verify` needs of the buckets. */
import { verify } from "../../lib/verify.ts";
import type { PermissionCase } from "./permission_case.ts";
import type { PermissionWorld } from "./permission_world.ts";

const IN_PARTS = { body: "uploaded in parts", partSize: 8 };
const EXPIRY = `<LifecycleConfiguration><Rule><ID>gone</ID><Status>Enabled</Status><Filter/>` +
  `<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>` +
  `</Rule></LifecycleConfiguration>`;

/** Points of both buckets, in each of which a version is lost. */
async function lossy(world: PermissionWorld): Promise<void> {
  for (const bucket of [world.owner.holder, world.owner.source]) {
    const { name } = bucket;
    world.seed(name, { key: "a", body: "a" }, { key: "parts", ...IN_PARTS });
    const lost = world.seed(name, { key: "lost", body: "l" });
    await world.point(bucket, name === "source" ? "20200101T000000Z-aaaa" : undefined);
    world.lose(name, "lost", lost);
    world.emulator.buckets.get(name)!.lifecycle = new TextEncoder().encode(EXPIRY);
  }
}

async function verifying({ limited, store }: PermissionWorld, data?: number): Promise<unknown> {
  const { holder: replica, source } = limited;
  const report = await verify({ store, replica, source, ...(data && { data, seed: 1 }) });
  return {
    points: report.points.map(({ state, missing, unreadable }) => ({ state, missing, unreadable })),
    lost: report.lost.map(({ key, code }) => `${key} ${code}`),
    lifecycles: report.lifecycles.map(({ state }) => state),
    right: report.data?.rightByETag,
  };
}

/** By line of the list. */
export const VERIFY_CASES: readonly PermissionCase[] = [
  {
    command: "verify --replica",
    besides: ["verify"],
    replicated: true,
    prepare: lossy,
    run: (world) => verifying(world),
    expect: (outcome) =>
      outcome.includes('"lost":["lost NoSuchVersion","lost NoSuchVersion"]') &&
      outcome.includes('"lifecycles":["read","read"]'),
  },
  {
    command: "verify --data",
    besides: ["verify", "verify --replica"],
    replicated: true,
    prepare: lossy,
    run: (world) => verifying(world, 100),
    expect: (outcome) => outcome.includes('"unreadable":0') && outcome.includes('"right":4'),
  },
];
