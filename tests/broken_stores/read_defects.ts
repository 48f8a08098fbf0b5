import { type SnapshotStore, StoreError, type StoreItem } from "../../testing.ts";
import { bodyOf, type Defect, drain, has, items, listing, override } from "./defect.ts";

/** A list that counts what it has shown, and goes on from there. */
async function* pagedByOffset(store: SnapshotStore, prefix?: string): AsyncGenerator<StoreItem> {
  for (let offset = 0;; offset++) {
    const item = (await items(store, prefix))[offset];
    if (!item) return;
    yield item;
  }
}

/** What get and list can do wrong. */
export const readDefects: readonly Defect[] = [
  {
    what: "gives an empty stream for a missing name",
    caughtBy: "refuses a missing name with NotFound before it hands out a stream",
    spoil: (store) =>
      override(store, {
        get: async (name) => await has(store, name) ? store.get(name) : bodyOf(new Uint8Array()),
      }),
  },
  {
    what: "gives a stream that errors for a missing name",
    caughtBy: "refuses a missing name with NotFound before it hands out a stream",
    spoil: (store) =>
      override(store, {
        get: (name) => {
          const read = async function* () {
            yield* await store.get(name);
          };
          return Promise.resolve(ReadableStream.from(read()));
        },
      }),
  },
  {
    what: "says that a name is missing with an error of its own",
    caughtBy: "refuses a missing name with NotFound before it hands out a stream",
    spoil: (store) =>
      override(store, {
        get: (name) =>
          store.get(name).catch(() => {
            throw new Deno.errors.NotFound("no such file");
          }),
      }),
  },
  {
    what: "gives all readers one buffer",
    caughtBy: "gives every reader its own bytes",
    spoil: (store) => {
      const cache = new Map<string, Promise<Uint8Array>>();
      return override(store, {
        get: async (name) => {
          const bytes = cache.get(name) ?? store.get(name).then(drain);
          cache.set(name, bytes);
          return ReadableStream.from([await bytes]);
        },
      });
    },
  },
  {
    what: "keeps a name locked whose reader left",
    caughtBy: "lets a reader leave in the middle",
    spoil: (store) => {
      const locked = new Set<string>();
      return override(store, {
        get: async (name) => {
          const reader = (await store.get(name)).getReader();
          locked.add(name);
          return new ReadableStream({
            async pull(controller) {
              const { done, value } = await reader.read();
              if (!done) return controller.enqueue(value);
              locked.delete(name);
              controller.close();
            },
          });
        },
        put: (name, body) => {
          if (!locked.has(name)) return store.put(name, body);
          return Promise.reject(new StoreError("Unavailable", `${name} is being read`));
        },
      });
    },
  },
  {
    what: "closes a stream short when its name is deleted",
    caughtBy: "never mixes or cuts what is replaced or deleted while it is read",
    spoil: (store) =>
      override(store, {
        get: async (name, options) => {
          const stream = await store.get(name, options);
          const whileThere = new TransformStream<Uint8Array, Uint8Array>({
            transform: async (chunk, controller) =>
              await has(store, name) ? controller.enqueue(chunk) : controller.terminate(),
          });
          stream.pipeTo(whileThere.writable).catch(() => {});
          return whileThere.readable;
        },
      }),
  },
  {
    what: "goes on with the new body when the old is replaced",
    caughtBy: "never mixes or cuts what is replaced or deleted while it is read",
    spoil: (store) =>
      override(store, {
        get: async (name, options) => {
          const size = (await drain(await store.get(name, options))).length;
          let offset = 0;
          return new ReadableStream({
            async pull(controller) {
              const bytes = await drain(await store.get(name));
              controller.enqueue(bytes.slice(offset, offset += 1_000_000));
              if (offset >= size) controller.close();
            },
          });
        },
      }),
  },
  {
    what: "lists folders apart from names",
    caughtBy: "lists names ascending by their bytes, whatever order they were put in",
    spoil: (store) =>
      override(store, {
        list: (options) =>
          listing(
            items(store, options?.prefix).then((found) => {
              const bySegment = ({ name }: StoreItem) => name.replaceAll("/", "\0");
              return found.sort((a, b) => bySegment(a) < bySegment(b) ? -1 : 1);
            }),
          ),
      }),
  },
  {
    what: "lists names as people sort them",
    caughtBy: "lists names ascending by their bytes, whatever order they were put in",
    spoil: (store) =>
      override(store, {
        list: (options) =>
          listing(
            items(store, options?.prefix).then((found) => {
              return found.sort((a, b) => a.name.localeCompare(b.name, "en"));
            }),
          ),
      }),
  },
  {
    what: "lists the size of blocks",
    caughtBy: "lists the size that get delivers",
    spoil: (store) =>
      override(store, {
        list: (options) =>
          listing(
            items(store, options?.prefix).then((found) => {
              return found.map(({ name, size }) => ({ name, size: Math.ceil(size / 512) * 512 }));
            }),
          ),
      }),
  },
  {
    what: "takes a prefix for a folder",
    caughtBy: "lists what begins with a prefix, which may be any string",
    spoil: (store) =>
      override(store, {
        list: ({ prefix = "" } = {}) =>
          store.list({ prefix: prefix === "" ? "" : prefix.replace(/\/*$/, "/") }),
      }),
  },
  {
    what: "takes a prefix for a pattern",
    caughtBy: "lists what begins with a prefix, which may be any string",
    spoil: (store) =>
      override(store, {
        list: ({ prefix = "" } = {}) =>
          listing(
            items(store).then((found) => {
              const parts = prefix.split(/[%*]/).map((part) => RegExp.escape(part));
              const pattern = new RegExp(`^${parts.join(".*")}`);
              return found.filter(({ name }) => pattern.test(name));
            }),
          ),
      }),
  },
  {
    what: "cannot list when it is empty",
    caughtBy: "lists an empty store",
    spoil: (store) =>
      override(store, {
        list: (options) =>
          listing(
            items(store, options?.prefix).then((found) => {
              if (found.length === 0) {
                throw new StoreError("NotFound", "there is no such directory");
              }
              return found;
            }),
          ),
      }),
  },
  {
    what: "stays locked when a list is left",
    caughtBy: "lets go when the loop is left",
    spoil: (store) => {
      let lists = 0;
      return override(store, {
        async *list(options) {
          lists++;
          yield* await items(store, options?.prefix);
          lists--;
        },
        delete: (name) => {
          if (lists === 0) return store.delete(name);
          return Promise.reject(new StoreError("Unavailable", "the store is being listed"));
        },
      });
    },
  },
  {
    what: "has one cursor for all lists",
    caughtBy: "serves two lists at once",
    spoil: (store) => {
      let cursor: StoreItem[] = [];
      return override(store, {
        async *list(options) {
          cursor = await items(store, options?.prefix);
          for (let item = cursor.shift(); item; item = cursor.shift()) yield item;
        },
      });
    },
  },
  {
    what: "lists pages by number, and skips when a name goes",
    caughtBy: "misses nothing while what was listed is deleted",
    spoil: (store) => override(store, { list: (options) => pagedByOffset(store, options?.prefix) }),
  },
  {
    what: "lists pages by number, and repeats when a name comes",
    caughtBy: "shows what stays, once and in order, while other names come",
    spoil: (store) => override(store, { list: (options) => pagedByOffset(store, options?.prefix) }),
  },
  {
    what: "lists every name twice",
    caughtBy: "lists names ascending by their bytes, whatever order they were put in",
    spoil: (store) =>
      override(store, {
        list: (options) =>
          listing(
            items(store, options?.prefix).then((found) => {
              return found.flatMap((item) => [item, item]);
            }),
          ),
      }),
  },
];
