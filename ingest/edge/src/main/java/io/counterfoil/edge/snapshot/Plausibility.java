package io.counterfoil.edge.snapshot;

import io.counterfoil.edge.snapshot.SnapshotRefusedException.Kind;

/** Whether a change as a whole can be meant, held against the snapshot in use. */
final class Plausibility {
    /** Below so many keys, half of them is what one person disables by hand. */
    private static final int MANY_KEYS = 100;

    private Plausibility() {}

    /** @throws SnapshotRefusedException where all keys are gone from a whole snapshot, or most of many at once */
    static void check(Snapshot old, SnapshotChange change) throws SnapshotRefusedException {
        int before = old.keyCount();
        int stayed = 0;
        int gone = 0;
        KeyTable keys = change.keys();
        for (int entry = 0; entry < keys.size(); entry = keys.behind(entry)) {
            boolean was = old.keys().isEnabled(keys.keyId(entry));
            boolean is = keys.isEnabled(entry);
            stayed += was && is ? 1 : 0;
            gone += was && !is ? 1 : 0;
        }
        if (change.whole()) {
            gone = before - stayed;
            if (keys.size() == 0 && before > 0) {
                throw new SnapshotRefusedException(Kind.EMPTY, "it has no keys, the one in use has " + before);
            }
        }
        if (before >= MANY_KEYS && gone > before / 2) {
            throw new SnapshotRefusedException(
                    Kind.HALF, gone + " of the " + before + " keys in use are gone at once, expected at most half");
        }
    }
}
