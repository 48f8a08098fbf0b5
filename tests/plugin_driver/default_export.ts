/** A driver may be a default export, too. */
import { openStore } from "./drawer_store.ts";

export default { openStore };
