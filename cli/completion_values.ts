import { openStore } from "../backends/open_store.ts";
import { resolveSettings } from "../lib/config.ts";
import { parseConfig } from "../lib/config/parse_config.ts";
import { listSnapshots } from "../lib/index/catalog.ts";
import type { CompletionValues } from "./complete.ts";
import { readVariable } from "./environment.ts";
import { findConfig } from "./find_config.ts";

/** Stores that answer before somebody who pressed a key looks up. */
const IS_CHEAP = /^(?:file:|sqlite:|(?![a-z][a-z0-9+.-]*:))/i;

/** The names to complete with, for a command line that was typed so far. */
export function completionValues(words: readonly string[]): CompletionValues {
  const valueOf = (...flags: string[]) =>
    words[words.findLastIndex((word) => flags.includes(word)) + 1 || words.length];
  const named = valueOf("--config", "-c");
  const overrides = { set: valueOf("--set", "-s"), store: valueOf("--store") };
  return {
    sets: () => quietly(() => readSets(named)),
    snapshots: () => quietly(() => readSnapshots(named, overrides)),
  };
}

/** What cannot be read now cannot be offered; the command itself will say why. */
async function quietly(read: () => Promise<string[]>): Promise<string[]> {
  const [result] = await Promise.allSettled([read()]);
  return result.status === "fulfilled" ? result.value : [];
}

async function readSets(named: string | undefined): Promise<string[]> {
  const file = await findConfig(named);
  return file ? Object.keys(parseConfig(file.path, file.text).sets) : [];
}

/** Newest first: it is wanted most often. */
async function readSnapshots(
  named: string | undefined,
  overrides: { readonly set: string | undefined; readonly store: string | undefined },
): Promise<string[]> {
  const { store: url, drivers } = resolveSettings({
    file: await findConfig(named),
    readVariable,
    overrides,
  });
  if (url === undefined || !IS_CHEAP.test(url)) return [];
  await using store = await openStore(url, { drivers });
  return (await listSnapshots(store)).map(({ id }) => id).reverse();
}
