package io.counterfoil.jobs.notify;

import java.util.List;

/**
 * What one run did.
 *
 * @param delivered notices that arrived, each at one target
 * @param failed attempts after which there will be another
 * @param dead deliveries that are given up
 * @param waiting what is due and cannot be sent from here, and why
 */
public record NotifyResult(long delivered, long failed, long dead, List<String> waiting) {
    public NotifyResult {
        waiting = List.copyOf(waiting);
    }

    /** Whether nothing was due, or nothing that can be sent from here. */
    public boolean idle() {
        return delivered + failed + dead == 0;
    }

    /** For people. */
    @Override
    public String toString() {
        return idle()
                ? "no notice to send"
                : String.format(
                        "delivered %,d notices, %,d failed and are tried again, %,d given up", delivered, failed, dead);
    }
}
