/** One object that the demo writes: everything about it that a restore must bring back. */
export interface DemoObject {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** As in the header: `name=value&...`. */
  readonly tagging: string;
}

/** Keys that break programs which list, sort, quote or encode them in their own way. */
const AWKWARD_KEYS = [
  "photos/summer holiday + 100 %.jpg",
  "photos/café/naïve.txt",
  "photos/\u{1f40b} above U+FFFF.txt",
  "photos/\uffee below it.txt",
  "photos/two\nlines.txt",
  "photos/<tags> & entities.xml",
  "/leading/slash",
  "photos/../not a parent",
  "photos/" + "long-".repeat(200),
];

/** Largest body, in bytes: enough to differ, small enough to write thousands. */
const LARGEST_BODY = 2048;

/** `count` objects with keys, bodies, metadata and tags that all differ. */
export function* makeObjects(count: number, generation: string): Generator<DemoObject> {
  for (let i = 0; i < count; i++) yield makeObject(keyOf(i), generation);
}

/** The `i`th object's key. */
export function keyOf(i: number): string {
  return AWKWARD_KEYS[i] ?? `photos/${2000 + i % 26}/IMG_${String(i).padStart(5, "0")}.jpg`;
}

/** An object whose content is told by its key and generation. */
export function makeObject(key: string, generation: string): DemoObject {
  const text = `${generation} of ${key}\n`;
  const length = key.length * 37 % LARGEST_BODY;
  return {
    key,
    body: new TextEncoder().encode(text.repeat(1 + Math.floor(length / text.length))),
    contentType: key.endsWith(".jpg") ? "image/jpeg" : "text/plain; charset=utf-8",
    metadata: { generation, camera: `no-${key.length}` },
    tagging: `generation=${generation}&length=${key.length}`,
  };
}
