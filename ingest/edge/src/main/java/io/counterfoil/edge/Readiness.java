package io.counterfoil.edge;

import io.counterfoil.accesslog.log.AccessLog;
import io.counterfoil.accesslog.log.LogStats;
import io.counterfoil.edge.snapshot.SnapshotRefresh;

import java.util.ArrayList;
import java.util.List;

/** Whether the edge should be sent requests, and why not. */
final class Readiness {
    private final AccessLog log;
    private final SnapshotRefresh snapshot;
    private volatile boolean stopping;
    private long unloggedBefore;

    Readiness(AccessLog log, SnapshotRefresh snapshot) {
        this.log = log;
        this.snapshot = snapshot;
    }

    void stopping() {
        stopping = true;
    }

    /** Empty where it is ready; else one line a reason. Each call looks at what was lost since the one before. */
    synchronized List<String> reasonsNotReady() {
        List<String> reasons = new ArrayList<>();
        if (stopping) {
            reasons.add("it is stopping");
        }
        if (!snapshot.hasAsked()) {
            reasons.add("its keys are those of its last run, the database has not answered yet");
        }
        LogStats stats = log.stats();
        long unlogged = stats.unlogged().total();
        if (unlogged > unloggedBefore) {
            reasons.add(
                    "its log takes no records: " + (unlogged - unloggedBefore) + " went unlogged since the last look");
        }
        unloggedBefore = unlogged;
        return reasons;
    }
}
