import { InputError } from "../lib/model/errors.ts";
import type { OpenStoreDriver } from "../lib/model/store_driver.ts";

/**
 * Import the module of a configured driver. What its `openStore` exports or its default export's
 * `openStore` is becomes the driver.
 *
 * @throws {InputError} when the module cannot be imported or is no driver
 */
export async function loadDriver(scheme: string, specifier: string): Promise<OpenStoreDriver> {
  const what = `the driver for "${scheme}:", ${JSON.stringify(specifier)},`;
  if (/^\.{0,2}\//.test(specifier)) {
    throw new InputError(
      `${what} is a path: give the absolute URL of the module (file:///...), or an npm: or jsr: ` +
        `specifier`,
    );
  }
  const module = await importModule(specifier, what);
  const open = functionOf(module, "openStore") ??
    functionOf(Reflect.get(module, "default"), "openStore");
  if (open) return open as OpenStoreDriver;
  throw new InputError(
    `${what} exports no function openStore, neither by name nor in its default export`,
  );
}

async function importModule(specifier: string, what: string): Promise<object> {
  try {
    return await import(specifier);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new InputError(`${what} cannot be loaded: ${reason}`, { cause });
  }
}

function functionOf(holder: unknown, name: string): unknown {
  if (typeof holder !== "object" || holder === null) return;
  const member = Reflect.get(holder, name);
  return typeof member === "function" ? member.bind(holder) : undefined;
}
