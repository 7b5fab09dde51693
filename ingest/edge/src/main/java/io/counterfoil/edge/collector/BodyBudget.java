package io.counterfoil.edge.collector;

/** What bodies of batches may take of the memory, all together. On one event loop. */
final class BodyBudget {
    private static final long MAX_BYTES = 64L << 20;

    private long bytes;

    /** False: there is no room for so many more. */
    boolean take(int more) {
        if (bytes + more > MAX_BYTES) {
            return false;
        }
        bytes += more;
        return true;
    }

    void giveBack(long taken) {
        bytes -= taken;
    }
}
