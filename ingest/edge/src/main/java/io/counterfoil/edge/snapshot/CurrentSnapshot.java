package io.counterfoil.edge.snapshot;

/** The snapshot that requests are admitted by: one reference, swapped whole. */
public final class CurrentSnapshot {
    private volatile Snapshot snapshot;

    /** Nobody's: every request is unauthorized by it. */
    public static CurrentSnapshot empty() {
        return new CurrentSnapshot(Snapshot.EMPTY);
    }

    CurrentSnapshot(Snapshot snapshot) {
        this.snapshot = snapshot;
    }

    public Snapshot get() {
        return snapshot;
    }

    /** Only by the one thread that refreshes. */
    void set(Snapshot next) {
        snapshot = next;
    }
}
