package io.counterfoil.edge.snapshot;

/** What was loaded cannot be right; the snapshot in use stays. The message says what is wrong with it. */
final class SnapshotRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    SnapshotRefusedException(String message) {
        super(message);
    }
}
