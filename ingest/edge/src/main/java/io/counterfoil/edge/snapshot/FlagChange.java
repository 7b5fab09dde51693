package io.counterfoil.edge.snapshot;

/** A flag that was raised or brought up to date, or one that is void at once. */
record FlagChange(Flag flag, boolean lifted) {}
