package io.counterfoil.edge;

import io.counterfoil.edge.http.EdgeServer;
import io.counterfoil.edge.snapshot.SnapshotRefresh;

import java.util.ArrayList;
import java.util.List;

/** Whether the edge should be sent requests, and why not. */
final class Readiness {
    private final EdgeServer server;
    private final SnapshotRefresh snapshot;
    private volatile boolean stopping;

    Readiness(EdgeServer server, SnapshotRefresh snapshot) {
        this.server = server;
        this.snapshot = snapshot;
    }

    void stopping() {
        stopping = true;
    }

    /** Empty where it is ready; else one line a reason. */
    List<String> reasonsNotReady() {
        List<String> reasons = new ArrayList<>();
        if (stopping) {
            reasons.add("it is stopping");
        }
        if (!snapshot.hasAsked()) {
            reasons.add("its keys are those of its last run, the database has not answered yet");
        }
        if (!server.logReady()) {
            reasons.add("its log takes no records");
        }
        return reasons;
    }
}
