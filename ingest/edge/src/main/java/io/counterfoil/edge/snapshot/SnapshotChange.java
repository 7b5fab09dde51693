package io.counterfoil.edge.snapshot;

/**
 * What makes the next snapshot of one: rows that were checked each for itself.
 *
 * @param database the identity of the one it comes from
 * @param version of the snapshot that it makes
 * @param whole all there is, in place of everything before; else only what changed
 * @param keys every secret of each key that changed, also disabled ones
 * @param limits what changed of limits, overrides and flags
 */
record SnapshotChange(String database, long version, boolean whole, KeyTable keys, LimitChanges limits) {}
