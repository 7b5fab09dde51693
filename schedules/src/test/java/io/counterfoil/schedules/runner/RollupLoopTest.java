package io.counterfoil.schedules.runner;

import io.counterfoil.jobs.rollup.RollupResult;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
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
