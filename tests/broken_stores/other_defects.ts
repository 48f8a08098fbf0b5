import { StoreError } from "../../testing.ts";
import { bodyOf, type Defect, drain, has, items, listing, override } from "./defect.ts";

const ABORTED_PUT =
  "shows nothing of a put that is aborted, rejects with the reason and cancels the body";

/** The same body, without the way to cancel it. */
function uncancellable(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  }, { highWaterMark: 0 });
}

/** What delete, an abort and disposal can do wrong. */
export const otherDefects: readonly Defect[] = [
  {
    what: "deletes what begins with the name",
    caughtBy: "deletes exactly the name that it is given",
    spoil: (store) =>
      override(store, {
        delete: async (prefix) => {
          for (const { name } of await items(store, prefix)) await store.delete(name);
        },
      }),
  },
  {
    what: "cannot delete a missing name",
    caughtBy: "deletes a missing name without complaint",
    spoil: (store) =>
      override(store, {
        delete: async (name) => {
          if (!await has(store, name)) throw new StoreError("NotFound", `there is no ${name}`);
          await store.delete(name);
        },
      }),
  },
  {
    what: "never shows a name again that was deleted",
    caughtBy: "takes a name again after it was deleted, while its folder comes and goes",
    spoil: (store) => {
      const buried = new Set<string>();
      return override(store, {
        delete: (name) => {
          buried.add(name);
          return Promise.resolve();
        },
        get: (name) => {
          if (!buried.has(name)) return store.get(name);
          return Promise.reject(new StoreError("NotFound", `there is no ${name}`));
        },
        list: (options) =>
          listing(
            items(store, options?.prefix).then((found) => {
              return found.filter(({ name }) => !buried.has(name));
            }),
          ),
      });
    },
  },
  {
    what: "takes an aborted body for one that ended",
    caughtBy: ABORTED_PUT,
    spoil: (store) =>
      override(store, {
        put: async (name, body, { signal } = {}) => {
          const reader = body.getReader();
          signal?.addEventListener("abort", () => reader.cancel());
          const chunks: BlobPart[] = [];
          for (let next = await reader.read(); !next.done; next = await reader.read()) {
            chunks.push(next.value.slice());
          }
          await store.put(name, bodyOf(await new Blob(chunks).bytes()));
        },
      }),
  },
  {
    what: "answers an abort with an error of its own",
    caughtBy: ABORTED_PUT,
    spoil: (store) =>
      override(store, {
        put: (name, body, options) =>
          store.put(name, body, options).catch(() => {
            throw new StoreError("Unavailable", "the put was aborted");
          }),
      }),
  },
  {
    what: "does not cancel the body of an aborted put",
    caughtBy: ABORTED_PUT,
    spoil: (store) =>
      override(store, {
        put: (name, body, options) => store.put(name, uncancellable(body), options),
      }),
  },
  {
    what: "deletes what was there when the new put is aborted",
    caughtBy: "keeps what was there when the new put is aborted",
    spoil: (store) =>
      override(store, {
        put: async (name, body, options) => {
          try {
            await store.put(name, body, options);
          } finally {
            if (options?.signal?.aborted) await store.delete(name);
          }
        },
      }),
  },
  {
    what: "ignores a signal that is aborted already",
    caughtBy: "refuses a signal that is aborted already, with its reason",
    spoil: (store) =>
      override(store, {
        put: (name, body, { signal, ...options } = {}) =>
          store.put(
            name,
            body,
            signal?.aborted ? options : { ...options, ...signal && { signal } },
          ),
      }),
  },
  {
    what: "deletes in spite of an aborted signal",
    caughtBy: "refuses a signal that is aborted already, with its reason",
    spoil: (store) => override(store, { delete: (name) => store.delete(name) }),
  },
  {
    what: "reads on after an abort",
    caughtBy: "errors a stream with the reason when it is aborted while it is read",
    spoil: (store) => override(store, { get: (name) => store.get(name) }),
  },
  {
    what: "lists on after an abort",
    caughtBy: "ends a list with the reason when it is aborted",
    spoil: (store) => override(store, { list: ({ prefix = "" } = {}) => store.list({ prefix }) }),
  },
  {
    what: "still reads after it was closed",
    caughtBy: "rejects every call with Closed once it is disposed of, which may be done twice",
    spoil: (store) => {
      let kept: Uint8Array<ArrayBuffer> | undefined;
      return override(store, {
        [Symbol.asyncDispose]: async () => {
          kept ??= await drain(await store.get("name"));
          await store[Symbol.asyncDispose]();
        },
        get: (name, options) => kept ? Promise.resolve(bodyOf(kept)) : store.get(name, options),
      });
    },
  },
  {
    what: "cannot be closed twice",
    caughtBy: "rejects every call with Closed once it is disposed of, which may be done twice",
    spoil: (store) => {
      let closed = false;
      return override(store, {
        [Symbol.asyncDispose]: async () => {
          if (closed) throw new StoreError("Closed", "the store was closed");
          closed = true;
          await store[Symbol.asyncDispose]();
        },
      });
    },
  },
  {
    what: "shows a password in its URL",
    caughtBy: "shows no credentials in its URL",
    spoil: (store) => override(store, { url: "ftp://user:password@host/path" }),
  },
  {
    what: "shows a token in its URL",
    caughtBy: "shows no credentials in its URL",
    spoil: (store) => override(store, { url: "web://host/path?token=abc" }),
  },
];
