package io.counterfoil.edge.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what must come, up to a deadline. */
public final class Until {
    private static final long DEADLINE_SECONDS = 30;
    private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();

    private Until() {}

    public static void isTrue(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(DEADLINE_SECONDS).toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not come within " + DEADLINE_SECONDS + " s: " + what);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
