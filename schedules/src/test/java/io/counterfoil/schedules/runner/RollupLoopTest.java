package io.counterfoil.schedules.runner;

import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.sql.hours.CoverageStore;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class RollupLoopTest {
    private static final Duration PAUSE = Duration.ofMillis(10);

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final AtomicInteger passes = new AtomicInteger();

    @Test
    void anErrorIsToldAndEndsTheCounting() throws Exception {
        RollupLoop loop = new RollupLoop(failing(new OutOfMemoryError("injected")), lines::add, PAUSE);
        loop.requireCounting();
        loop.start();
        await();
        loop.close();

        assertThat(lines).containsExactly("rollup broke and counts no more: java.lang.OutOfMemoryError: injected");
        assertThat(passes).hasValue(1);
        assertThatThrownBy(loop::requireCounting)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("rollup broke: java.lang.OutOfMemoryError: injected")
                .hasCauseInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void anExceptionIsToldOnceAndTriedAgain() throws Exception {
        try (RollupLoop loop = new RollupLoop(failing(new IllegalStateException("injected")), lines::add, PAUSE)) {
            loop.start();
            while (passes.get() < 2) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            loop.requireCounting();
        }

        assertThat(lines).containsExactly("rollup cannot count, trying again: injected");
        assertThat(passes).hasValueGreaterThanOrEqualTo(3);
    }

    @Test
    void anAlarmIsToldWhenItBeginsAndWhenItEnds() throws Exception {
        List<List<CoverageStore.Alarm>> alarms = List.of(
                List.of(),
                List.of(fault("one", "start it at 1")),
                List.of(fault("one", "start it at 2"), fault("two", "-")),
                List.of(fault("two", "-")),
                List.of(),
                List.of(fault("one", "start it at 3")));
        Supplier<RollupResult> job = () -> {
            int pass = Math.min(passes.getAndIncrement(), alarms.size() - 1);
            return new RollupResult(0, 0, 0, 0, List.of(), List.of(), List.of(), alarms.get(pass));
        };
        try (RollupLoop loop = new RollupLoop(job, lines::add, PAUSE)) {
            loop.start();
            while (passes.get() < alarms.size() + 1) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
        }

        String since = "; hours are incomplete from 1970-01-01T00:00:00Z on: ";
        assertThat(lines)
                .containsExactly(
                        "ALARM edge edge-1: one" + since + "start it at 1",
                        "ALARM edge edge-1: two" + since + "-",
                        "no more: edge edge-1: one",
                        "no more: edge edge-1: two",
                        "ALARM edge edge-1: one" + since + "start it at 3");
    }

    private static CoverageStore.Fault fault(String text, String mend) {
        return new CoverageStore.Fault(
                "edge-1", Instant.EPOCH, Optional.empty(), Optional.empty(), true, text, Instant.EPOCH, mend);
    }

    private Supplier<RollupResult> failing(Throwable failure) {
        return () -> {
            passes.incrementAndGet();
            if (failure instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) failure;
        };
    }

    private void await() throws InterruptedException {
        while (lines.isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }
}
