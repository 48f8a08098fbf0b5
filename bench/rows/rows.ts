import type { Row } from "../row.ts";
import { copies } from "./copies.ts";
import { gc } from "./gc.ts";
import { index } from "./index.ts";
import { listing } from "./listing.ts";
import { merge, mergeAddingUp, mergeSpread } from "./merge.ts";
import { odd } from "./odd.ts";
import { peers } from "./peers.ts";
import { readersFlat, readersSkewed } from "./readers.ts";
import { noChange, undelete } from "./restore.ts";
import { scanner } from "./scanner.ts";
import { snapshot } from "./snapshot.ts";
import { start } from "./start.ts";

/** All rows, in the order in which they are run and shown. */
export const ROWS: readonly Row[] = [
  scanner,
  listing,
  readersFlat,
  readersSkewed,
  snapshot,
  index,
  odd,
  merge,
  mergeSpread,
  mergeAddingUp,
  gc,
  noChange,
  undelete,
  start,
  peers,
  copies,
];
