import { idOf } from "./ledger.ts";
import type { ModelBucket, ModelVersion } from "./model_bucket.ts";
import { type BackupSet, targetOf, type World } from "./world.ts";

const KEYS = ["a", "a/b", "b", "é", "\uff5e", "\u{1f600}", "x/1", "x/2"];
/** Contents that are written again and again, so that other versions have the same ETag. */
const COMMON_CONTENTS = ["c1", "c2"].map((text) => text.repeat(16));
/** The most that a version is dated wrongly, in seconds, by one of the server's machines. */
const MAX_DATE_SKEW = 300;

/** What people and their applications do to buckets and store, without asking anybody. */
export class People {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Something to some bucket. */
  act(): void {
    const { chance, sets } = this.#world;
    const set = chance.pick(sets);
    const bucket = this.#world.bucket(targetOf(set));
    const key = chance.pick(KEYS);
    bucket.dateSkew = chance.happens(0.1) ? chance.int(2 * MAX_DATE_SKEW) - MAX_DATE_SKEW : 0;
    chance.weigh([
      [50, () => this.#write(bucket, key)],
      [20, () => bucket.remove(key)],
      [12, () => this.#anyOf(set).undelete(key)],
      [4, () => this.#writeNull(bucket, key, set.source === undefined)],
      [5, () => this.#take(this.#anyOf(set))],
      [5, () => this.#hold(this.#anyOf(set))],
    ])();
    bucket.dateSkew = 0;
  }

  /** End every legal hold. */
  release(): void {
    for (const bucket of this.#world.buckets.values()) {
      for (const { key, versionId } of bucket.versions()) {
        bucket.find(key, versionId)!.locked = false;
      }
    }
  }

  /** Break or lose a file of a point, or bring back what was there. */
  async breakOrMend(): Promise<void> {
    const { ledger, chance } = this.#world;
    if (ledger.damaged.size > 0) return await this.mend();
    const files = [...ledger.names].filter((name) => /\/(?:part-\d+|manifest\.json)$/.test(name));
    const whole = files.filter((name) => ledger.isWhole(name.slice(0, name.indexOf("/"))));
    if (whole.length === 0) return;
    const name = chance.pick(whole);
    const bytes = await this.#readFile(name);
    const broken = bytes.slice();
    const at = chance.int(broken.length);
    const isLost = at % 2 === 0;
    ledger.damaged.set(name.slice(0, name.indexOf("/")), { name, bytes, isLost });
    broken[at] = broken[at]! ^ 0xff;
    await this.#writeFile(name, broken);
  }

  /** Bring every broken file back. */
  async mend(): Promise<void> {
    const { ledger } = this.#world;
    for (const { name, bytes } of ledger.damaged.values()) {
      if (ledger.names.has(name)) await this.#writeFile(name, bytes);
    }
    ledger.damaged.clear();
  }

  /** Versions are taken, held and brought back by hand in the replica, too. */
  #anyOf(set: BackupSet): ModelBucket {
    const { chance } = this.#world;
    return this.#world.bucket(chance.happens(0.5) ? set.replica : targetOf(set));
  }

  #write(bucket: ModelBucket, key: string): void {
    const { chance } = this.#world;
    if (chance.happens(0.8)) bucket.put(key, 1 + chance.int(9));
    else bucket.put(key, 1, { etag: chance.pick(COMMON_CONTENTS) });
  }

  /** Only where no other bucket has to agree about what `null` is. */
  #writeNull(bucket: ModelBucket, key: string, isAlone: boolean): void {
    if (!isAlone) return;
    this.#world.ledger.taken.add(idOf(bucket, { key, versionId: "null", etag: "" }));
    bucket.put(key, 1 + this.#world.chance.int(9), { suspended: true });
  }

  #take(bucket: ModelBucket): void {
    const version = this.#anyVersion(bucket);
    if (!version) return;
    this.#world.ledger.taken.add(idOf(bucket, version));
    bucket.take(version.key, version.versionId);
  }

  #hold(bucket: ModelBucket): void {
    const version = this.#anyVersion(bucket);
    if (version) version.locked = !version.locked;
  }

  #anyVersion(bucket: ModelBucket): ModelVersion | undefined {
    const versions = bucket.versions().filter(({ isDeleteMarker }) => !isDeleteMarker);
    if (versions.length === 0) return undefined;
    const { key, versionId } = this.#world.chance.pick(versions);
    return bucket.find(key, versionId);
  }

  async #readFile(name: string): Promise<Uint8Array> {
    return await new Response(await this.#world.store.get(name)).bytes();
  }

  async #writeFile(name: string, bytes: Uint8Array): Promise<void> {
    await this.#world.store.put(name, new Blob([bytes.slice()]).stream());
  }
}
