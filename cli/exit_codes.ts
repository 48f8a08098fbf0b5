/** What the command's exit code tells; scripts rely on these. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** Wrong usage or configuration: nothing was begun. */
  usage: 2,
  /** Done in part: the report names what failed, or what could not be read. */
  partly: 3,
  interrupted: 130,
} as const;
