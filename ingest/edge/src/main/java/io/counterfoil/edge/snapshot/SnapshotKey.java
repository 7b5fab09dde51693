package io.counterfoil.edge.snapshot;

/** An active API key: whose it is, its public label, the hash of its text. */
record SnapshotKey(long keyId, long accountId, String label, KeyHash hash) {}
