package io.counterfoil.schedules.runner;

import io.counterfoil.jobs.notify.NotifyResult;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/** Delivers notices again and again until it is closed; then what is being sent is still recorded, and the rest is the next start's. */
final class NotifyLoop implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final long SUMMARY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Function<BooleanSupplier, NotifyResult> job;
    private final Consumer<String> lines;
    private final PassLoop loop;
    private List<String> waiting = List.of();
    private NotifyResult untold = new NotifyResult(0, 0, 0, List.of());
    private long summaryNanos = System.nanoTime() - SUMMARY_NANOS;

    /**
     * @param job one run, given whether it is to go on
     * @param lines one line a change: trouble, what waits and why, and at most every ten seconds what was sent
     */
    NotifyLoop(Function<BooleanSupplier, NotifyResult> job, Consumer<String> lines) {
        this.job = job;
        this.lines = lines;
        this.loop = new PassLoop("notification", "send", this::pass, lines, PAUSE);
    }

    void start() {
        loop.start();
    }

    private void pass() {
        NotifyResult result = job.apply(() -> !loop.stopped());
        untold = new NotifyResult(
                untold.delivered() + result.delivered(),
                untold.failed() + result.failed(),
                untold.dead() + result.dead(),
                List.of());
        if (!result.waiting().equals(waiting)) {
            result.waiting().forEach(lines);
            waiting = result.waiting();
        }
        if (System.nanoTime() - summaryNanos >= SUMMARY_NANOS) {
            tell();
        }
    }

    private void tell() {
        if (!untold.idle()) {
            lines.accept(untold.toString());
            untold = new NotifyResult(0, 0, 0, List.of());
            summaryNanos = System.nanoTime();
        }
    }

    @Override
    public void close() {
        if (loop.join()) {
            tell();
        }
    }
}
