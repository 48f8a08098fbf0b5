/** A room of the project, and what its modules may import from besides itself. */
export interface Room {
  /** Beginning of the paths of its modules. */
  readonly room: string;
  /** Beginnings of paths. */
  readonly mayImport: readonly string[];
}

/** The rooms of docs/DESIGN.md. The first whose beginning matches is a module's own. */
export const ROOMS: readonly Room[] = [
  { room: "cli.ts", mayImport: ["cli/"] },
  // The demo is the one command that brings its own S3 server.
  {
    room: "cli/commands/demo",
    mayImport: ["cli/", "mod.ts", "lib/", "backends/", "tests/emulator/"],
  },
  { room: "cli/", mayImport: ["cli/", "mod.ts", "lib/", "backends/"] },
  { room: "mod.ts", mayImport: ["lib/", "backends/"] },
  { room: "testing.ts", mayImport: ["lib/model/", "lib/conformance/", "backends/"] },
  { room: "lib/model/", mayImport: [] },
  { room: "lib/conformance/", mayImport: ["lib/model/"] },
  { room: "lib/s3/", mayImport: ["lib/model/"] },
  { room: "lib/index/", mayImport: ["lib/model/"] },
  { room: "lib/", mayImport: ["lib/model/", "lib/s3/", "lib/index/"] },
  { room: "backends/", mayImport: ["lib/model/", "lib/s3/"] },
  { room: "tests/emulator/", mayImport: [] },
  { room: "tests/", mayImport: [""] },
  { room: "bench/", mayImport: [""] },
  { room: "examples/", mayImport: ["mod.ts", "testing.ts", "tests/emulator/"] },
  { room: "tools/", mayImport: [""] },
  // What lib/s3/entry_run.wasm is compiled from.
  { room: "wasm/", mayImport: [] },
];

/** Rooms that other programs import: what belongs to the process around them is not theirs. */
export const LIBRARY_ROOMS: readonly string[] = ["mod.ts", "testing.ts", "lib/", "backends/"];

/** Rooms that are not published: they may import any package, wherever it is at home. */
export const WORKSHOPS: readonly string[] = ["tests/", "bench/", "tools/", "examples/"];

/** The room of a module; undefined for a path that no room has. */
export function roomOf(path: string, rooms: readonly Room[] = ROOMS): Room | undefined {
  return rooms.find(({ room }) => path.startsWith(room));
}
