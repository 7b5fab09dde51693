package io.counterfoil.edge.snapshot;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The snapshot that requests are admitted by: one reference, swapped whole. */
public final class CurrentSnapshot {
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Snapshot snapshot;
    private volatile long historyFrom;

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

    /** Runs it after each swap, on the thread that refreshes: it must not take long, nor fail. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** Changes since an earlier version than this one cannot be told: another history was in use then. 0: as far as is known, all can. */
    public long historyFrom() {
        return historyFrom;
    }

    /** As {@link #set}, of a snapshot that does not follow on the one in use. Only by the one thread that refreshes. */
    void replace(Snapshot next) {
        historyFrom = next.version();
        set(next);
    }

    /** Only by the one thread that refreshes. */
    void set(Snapshot next) {
        snapshot = next;
        listeners.forEach(Runnable::run);
    }
}
