import { isStoreName } from "../../lib/model/store.ts";
import { bodyOf, type Defect, drain, drainWhatComes, has, override, taken } from "./defect.ts";
import { InputError, StoreError } from "../../testing.ts";

const LARGE = 4 * 1024 * 1024;

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** What a put can do wrong. */
export const putDefects: readonly Defect[] = [
  {
    what: "accepts any name",
    caughtBy: "refuses a name outside the alphabet before it touches the body",
    spoil: (store) =>
      override(store, {
        put: (name, body) => store.put(isStoreName(name) ? name : "other", body),
      }),
  },
  {
    what: "reads the body before it looks at the name",
    caughtBy: "refuses a name outside the alphabet before it touches the body",
    spoil: (store) =>
      override(store, {
        put: async (name, body, options) => store.put(name, bodyOf(await drain(body)), options),
      }),
  },
  {
    what: "does not cancel the body of a bad name",
    caughtBy: "refuses a name outside the alphabet before it touches the body",
    spoil: (store) =>
      override(store, {
        put: async (name, body, options) =>
          await store.put(name, isStoreName(name) ? body : bodyOf(new Uint8Array()), options),
      }),
  },
  {
    what: "ignores the case of names",
    caughtBy: "keeps every kind of name that is allowed",
    spoil: (store) =>
      override(store, {
        put: (name, body, options) => store.put(name.toLowerCase(), body, options),
        get: (name, options) => store.get(name.toLowerCase(), options),
      }),
  },
  {
    what: "removes a name that becomes a folder",
    caughtBy: "keeps a name beside one that is its folder, or refuses the later with Unsupported",
    spoil: (store) =>
      override(store, {
        put: async (name, body, options) => {
          const folder = name.slice(0, Math.max(0, name.lastIndexOf("/")));
          if (folder !== "") await store.delete(folder);
          await store.put(name, body, options);
        },
      }),
  },
  {
    what: "loses an empty body",
    caughtBy: "keeps an empty body",
    spoil: (store) =>
      override(store, {
        put: async (name, body) => {
          const bytes = await drain(body);
          if (bytes.length > 0) await store.put(name, bodyOf(bytes));
        },
      }),
  },
  {
    what: "ends a body at its first empty chunk",
    caughtBy: "keeps a large body in chunks of any size",
    spoil: (store) =>
      override(store, {
        put: (name, body, options) => {
          const untilEmpty = new TransformStream<Uint8Array, Uint8Array>({
            transform: (chunk, controller) =>
              chunk.length > 0 ? controller.enqueue(chunk) : controller.terminate(),
          });
          body.pipeTo(untilEmpty.writable).catch(() => {});
          return store.put(name, untilEmpty.readable, options);
        },
      }),
  },
  {
    what: "leaves the tail of a longer body that was there",
    caughtBy: "replaces what was there, whole",
    spoil: (store) =>
      override(store, {
        put: async (name, body) => {
          const bytes = await drain(body);
          const old = await has(store, name) ? await drain(await store.get(name)) : bytes;
          await store.put(name, bodyOf(concatenate(bytes, old.subarray(bytes.length))));
        },
      }),
  },
  {
    what: "keeps what came of a body that failed",
    caughtBy: "shows nothing of a body that fails, and rejects with the body's error",
    spoil: (store) =>
      override(store, {
        put: async (name, body) => {
          const [one, other] = body.tee();
          await store.put(name, bodyOf(await drainWhatComes(one)));
          await drain(other);
        },
      }),
  },
  {
    what: "takes a body that failed for one that ended",
    caughtBy: "shows nothing of a body that fails, and rejects with the body's error",
    spoil: (store) =>
      override(store, {
        put: async (name, body) => await store.put(name, bodyOf(await drainWhatComes(body))),
      }),
  },
  {
    what: "wraps the error of a body in its own",
    caughtBy: "shows nothing of a body that fails, and rejects with the body's error",
    spoil: (store) =>
      override(store, {
        put: (name, body) =>
          store.put(name, body).catch((cause) => {
            throw new StoreError("Unavailable", "the put failed", { cause });
          }),
      }),
  },
  {
    what: "deletes what was there before it has the new body",
    caughtBy: "keeps what was there when the new body fails",
    spoil: (store) =>
      override(store, {
        put: async (name, body, options) => {
          if (!options?.createOnly) await store.delete(name);
          await store.put(name, body, options);
        },
      }),
  },
  {
    what: "shows a body as it comes",
    caughtBy: "shows nothing of a put that is under way",
    spoil: (store) =>
      override(store, {
        put: async (name, body) => {
          let bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
          for await (const chunk of body) {
            bytes = concatenate(bytes, chunk);
            await store.put(name, bodyOf(bytes));
          }
        },
      }),
  },
  {
    what: "lists its temporary names",
    caughtBy: "shows nothing of a put that is under way",
    spoil: (store) =>
      override(store, {
        put: async (name, body, options) => {
          await store.put(`${name}.tmp`, bodyOf(new Uint8Array(1)));
          await store.put(name, body, options);
          await store.delete(`${name}.tmp`);
        },
      }),
  },
  {
    what: "writes concurrent bodies into one temporary",
    caughtBy: "makes one whole body win when many are put under one name",
    spoil: (store) => {
      const temporary = new Map<string, Uint8Array<ArrayBuffer>>();
      return override(store, {
        put: async (name, body) => {
          for await (const chunk of body) {
            temporary.set(name, concatenate(temporary.get(name) ?? new Uint8Array(), chunk));
          }
          await store.put(name, bodyOf(temporary.get(name) ?? new Uint8Array()));
          temporary.delete(name);
        },
      });
    },
  },
  {
    what: "drops a put that comes while another is under way",
    caughtBy: "keeps many bodies that are put at once under many names",
    spoil: (store) => {
      let busy = false;
      return override(store, {
        put: async (name, body, options) => {
          if (busy) return await body.cancel();
          busy = true;
          await store.put(name, body, options).finally(() => busy = false);
        },
      });
    },
  },
  {
    what: "forgets everything when it is closed",
    caughtBy: "shows what was put to another handle, and after it was closed",
    spoil: (store) => {
      const forget = async () => {
        for await (const { name } of store.list()) await store.delete(name);
        await store[Symbol.asyncDispose]();
      };
      let closed: Promise<void> | undefined;
      return override(store, { [Symbol.asyncDispose]: () => closed ??= forget() });
    },
  },
  {
    what: "overwrites a name that it should create",
    caughtBy: "creates a new name, and refuses one that is taken, with AlreadyExists",
    spoil: (store) => override(store, { put: (name, body) => store.put(name, body) }),
  },
  {
    what: "refuses to create a taken name with the wrong code",
    caughtBy: "creates a new name, and refuses one that is taken, with AlreadyExists",
    spoil: (store) =>
      override(store, {
        put: (name, body, options) =>
          store.put(name, body, options).catch(() => {
            throw new StoreError("Unavailable", "the put failed");
          }),
      }),
  },
  {
    what: "refuses to create a taken name with another kind of error",
    caughtBy: "creates a new name, and refuses one that is taken, with AlreadyExists",
    spoil: (store) =>
      override(store, {
        put: (name, body, options) =>
          store.put(name, body, options).catch(() => {
            throw new InputError("the name is taken");
          }),
      }),
  },
  {
    what: "looks whether a name is taken only before it reads the body",
    caughtBy: "refuses to create a name that was taken while the body was read",
    spoil: (store) =>
      override(store, {
        put: async (name, body, options) => {
          if (options?.createOnly && await has(store, name)) throw taken(name);
          await store.put(name, body);
        },
      }),
  },
  {
    what: "looks whether a name is taken, waits, and then writes",
    caughtBy: "lets one of 20 racing creators win",
    spoil: (store) =>
      override(store, {
        put: async (name, body, options) => {
          const bytes = bodyOf(await drain(body));
          if (options?.createOnly && await has(store, name)) throw taken(name);
          await store.put(name, bytes);
        },
      }),
  },
  {
    what: "keeps creators apart only within one handle",
    caughtBy: "lets one of 20 creators win that race through two handles",
    spoil: (store) => {
      let last: Promise<unknown> = Promise.resolve();
      return override(store, {
        put: (name, body, options) => {
          const mine = last.then(async () => {
            const bytes = bodyOf(await drain(body));
            if (options?.createOnly && await has(store, name)) throw taken(name);
            await store.put(name, bytes);
          });
          last = mine.catch(() => {});
          return mine;
        },
      });
    },
  },
  {
    what: "keeps a name reserved whose creation failed",
    caughtBy: "leaves a name free whose creation failed, and one that was deleted",
    spoil: (store) => {
      const reserved = new Set<string>();
      return override(store, {
        put: (name, body, options) => {
          if (options?.createOnly && reserved.has(name)) return Promise.reject(taken(name));
          if (options?.createOnly) reserved.add(name);
          return store.put(name, body, options);
        },
      });
    },
  },
  {
    what: "cuts a large body that it creates",
    caughtBy: "creates a large body whole, or refuses it with Unsupported",
    spoil: (store) =>
      override(store, {
        put: async (name, body, options) =>
          await store.put(name, bodyOf((await drain(body)).slice(0, LARGE)), options),
      }),
  },
  {
    what: "does not promise createOnly, and does something else instead",
    caughtBy: "refuses every createOnly with Unsupported, and changes nothing",
    createOnly: false,
    spoil: (store) => override(store, { put: (name, body) => store.put(name, body) }),
  },
];
