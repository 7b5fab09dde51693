package io.counterfoil.edge.collector;

import java.util.HashMap;
import java.util.Map;

/** What batches that are not on the disk yet may take of the memory, as bytes of their lines; half of it at most one source's. On one event loop. */
final class BodyBudget {
    private static final long MAX_BYTES = 32L << 20;

    private final Map<String, Long> bySource = new HashMap<>();
    private long bytes;

    /** False: there is no room for so many more of the source. */
    boolean take(String source, long more) {
        long own = bySource.getOrDefault(source, 0L) + more;
        if (bytes + more > MAX_BYTES || own > MAX_BYTES / 2) {
            return false;
        }
        bytes += more;
        bySource.put(source, own);
        return true;
    }

    void giveBack(String source, long taken) {
        bytes -= taken;
        bySource.merge(source, -taken, Long::sum);
    }
}
