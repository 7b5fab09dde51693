package io.counterfoil.sql;

import org.jdbi.v3.core.Handle;

/** The one row that orders every change edges act on. */
public final class ControlVersion {
    /** Edges listen on this channel; the payload is the version. */
    public static final String CHANNEL = "counterfoil_snapshot";

    private ControlVersion() {}

    /**
     * Takes the row for this transaction and returns its next value. To be called after the change and before what the change
     * touches is evaluated; the rows changed are stamped with the value.
     */
    public static long next(Handle handle) {
        return handle.createQuery("update control_version set v = v + 1 returning v")
                .mapTo(Long.class)
                .one();
    }

    /**
     * Takes the row for this transaction without moving it on, where it is not yet known whether edges have anything to learn;
     * returns its present value. {@link #next} then returns one more.
     */
    public static long hold(Handle handle) {
        return handle.createQuery("select v from control_version for update")
                .mapTo(Long.class)
                .one();
    }

    /** Wakes the edges when the transaction commits. */
    public static void wakeEdges(Handle handle, long version) {
        handle.createQuery("select pg_notify(:channel, :version::text)")
                .bind("channel", CHANNEL)
                .bind("version", version)
                .mapTo(String.class)
                .list();
    }
}
