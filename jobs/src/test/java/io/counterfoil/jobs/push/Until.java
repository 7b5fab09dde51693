package io.counterfoil.jobs.push;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what must come, up to a deadline. */
final class Until {
    private static final Duration DEADLINE = Duration.ofSeconds(40);
    private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();

    private Until() {}

    static void isTrue(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not come within " + DEADLINE + ": " + what);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
