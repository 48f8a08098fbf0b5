/** What many snapshots have in common is read once in a merge of them. */
import type { EntryBatch } from "../model/entry_batch.ts";
import type { FileInfo, Manifest, PartInfo } from "../model/manifest.ts";
import type { SnapshotStore } from "../model/store.ts";
import { readBytes, readRows } from "./file_reader.ts";
import type { MergeSource } from "./merge_source.ts";
import { lowerBound, upperBound } from "./part_bounds.ts";
import { readPart } from "./part_reader.ts";

/** A file of entries, or what stands for one, with all the snapshots that have it. */
export interface SharedSource extends MergeSource {
  readonly owners: number[];
  readonly firstKey: string;
  /** No key sorts after it. Undefined: it has no end. */
  readonly lastKey: string | undefined;
  /** The sources that patch this one. */
  readonly patchedBy: SharedSource[];
  open(): AsyncIterable<EntryBatch>;
  /** Read it to its end and no more than to see whether it is what was written. */
  check(): Promise<void>;
}

/** How sources are made. */
export interface ShareOptions {
  /**
   * Owners whose files may be damaged. Where others have the same file, theirs is read; and patched
   * parts are read each by itself, since without all of its patch a part that is shared would seem to
   * hold what it does not. Default: none.
   */
  readonly doubtful?: ReadonlySet<number>;
  /** Abort: reading throws the reason. */
  readonly signal?: AbortSignal;
}

/** A file that a snapshot has. */
interface Copy {
  readonly id: string;
  readonly file: FileInfo;
  /** Whether another's would be better. */
  readonly isDoubtful: boolean;
}

/** What a file is. */
interface Which {
  readonly kind: "part" | "patch";
  readonly patches?: string;
}

/** Gathers the sources of a merge, snapshot by snapshot. */
export class SharedSources {
  readonly #store: SnapshotStore;
  readonly #options: ShareOptions;
  /** By what makes them equal. */
  readonly #sources = new Map<string, SharedSource>();
  /** Whose file is read. */
  readonly #copies = new Map<string, Copy>();

  /** `store` is where the snapshots are. */
  constructor(store: SnapshotStore, options: ShareOptions = {}) {
    this.#store = store;
    this.#options = options;
  }

  /** Add a snapshot, whose entries belong to `owner`. */
  add(owner: number, { id, parts }: Pick<Manifest, "id" | "parts">): void {
    const isDoubtful = this.#options.doubtful?.has(owner) ?? false;
    for (const part of parts) {
      if (part.patch && isDoubtful) this.#addApart(owner, id, part);
      else this.#addPart(owner, { id, isDoubtful }, part);
    }
  }

  /** Add a source that nobody shares. */
  addAlone(source: Omit<SharedSource, "patchedBy">): void {
    this.#sources.set(`alone ${this.#sources.size}`, { ...source, patchedBy: [] });
  }

  /** All of them. A source that patches another has only owners of that one. */
  all(): SharedSource[] {
    return [...this.#sources.values()];
  }

  #addPart(owner: number, snapshot: Omit<Copy, "file">, part: PartInfo): void {
    const { sha256: name, patch } = part;
    const base = this.#share(owner, name, { ...snapshot, file: part }, { kind: "part" });
    if (!patch) return;
    const which = { kind: "patch", patches: name } as const;
    const source = this.#share(
      owner,
      `${name} ${patch.sha256}`,
      { ...snapshot, file: patch },
      which,
    );
    if (!base.patchedBy.includes(source)) base.patchedBy.push(source);
  }

  #share(owner: number, name: string, copy: Copy, which: Which): SharedSource {
    let source = this.#sources.get(name);
    if (!source) this.#sources.set(name, source = this.#sourceOf(name, copy.file, which));
    if (this.#copies.get(name)?.isDoubtful ?? true) this.#copies.set(name, copy);
    source.owners.push(owner);
    return source;
  }

  #sourceOf(name: string, { firstKey, lastKey }: FileInfo, which: Which): SharedSource {
    const { kind, patches } = which;
    const copy = () => this.#copies.get(name)!;
    return {
      name,
      owners: [],
      firstKey,
      lastKey,
      patchedBy: [],
      ...(patches !== undefined && { patches }),
      open: () => readRows(this.#store, copy().id, copy().file, kind, this.#abort()),
      check: async () => {
        for await (const _ of readBytes(this.#store, copy().id, copy().file, this.#abort()));
      },
    };
  }

  #addApart(owner: number, id: string, part: PartInfo): void {
    const open = () => readPart(this.#store, id, part, this.#abort());
    const check = async () => {
      for await (const _ of open());
    };
    const firstKey = lowerBound(part), lastKey = upperBound(part);
    this.addAlone({ owners: [owner], firstKey, lastKey, open, check });
  }

  #abort(): { readonly signal?: AbortSignal } {
    const { signal } = this.#options;
    return signal ? { signal } : {};
  }
}
