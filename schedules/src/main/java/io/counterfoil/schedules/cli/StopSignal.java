package io.counterfoil.schedules.cli;

import io.counterfoil.edge.OsSignal;

import java.util.concurrent.CountDownLatch;

/** Turns Ctrl-C and SIGTERM into an orderly stop. */
final class StopSignal {
    private static final int INTERRUPTED = 130;

    private StopSignal() {}

    /**
     * Counts down at the first signal; a second one ends the process at once. A shutdown hook would not do: Spark's own would take
     * the session away from the last rollup.
     */
    static CountDownLatch install() {
        CountDownLatch stop = new CountDownLatch(1);
        Runnable taken = () -> {
            if (stop.getCount() == 0) {
                Runtime.getRuntime().halt(INTERRUPTED);
            }
            stop.countDown();
        };
        OsSignal.on("INT", taken);
        OsSignal.on("TERM", taken);
        return stop;
    }
}
