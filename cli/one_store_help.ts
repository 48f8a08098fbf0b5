/** What the help of all that deletes versions ends with. */
export const ONE_STORE_HELP = `
Only the snapshots of this store protect what they name. Snapshots in another store
over the same bucket do not protect theirs, even if they are pinned: keep all
snapshots of a bucket in one store.`;
