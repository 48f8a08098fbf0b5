/** A module that is no driver. */
export const openStore = "not a function";
