package io.counterfoil.schedules.runner;

import io.counterfoil.jobs.notify.NotifyResult;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import static org.assertj.core.api.Assertions.assertThat;

final class NotifyLoopTest {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Test
    void troubleAndWhatWaitsAreToldOnceAndWhatWasSentInTheEnd() throws Exception {
        AtomicInteger passes = new AtomicInteger();
        CountDownLatch enough = new CountDownLatch(4);
        NotifyLoop loop = new NotifyLoop(
                goOn -> {
                    enough.countDown();
                    return switch (passes.getAndIncrement()) {
                        case 0, 1 -> throw new IllegalStateException("injected");
                        default -> new NotifyResult(1, 0, 0, List.of("1 mails wait"));
                    };
                },
                lines::add);
        loop.start();
        assertThat(enough.await(30, TimeUnit.SECONDS)).isTrue();
        loop.close();

        assertThat(lines)
                .startsWith(
                        "notification cannot send, trying again: injected",
                        "1 mails wait",
                        "delivered 1 notices, 0 failed and are tried again, 0 given up",
                        "notification works again")
                .last()
                .asString()
                .matches("delivered [12] notices, 0 failed and are tried again, 0 given up");
    }

    @Test
    void aRunIsToldThatItIsNotToGoOn() throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        NotifyLoop loop = new NotifyLoop(
                goOn -> {
                    began.countDown();
                    while (goOn.getAsBoolean()) {
                        Thread.onSpinWait();
                    }
                    return new NotifyResult(3, 0, 0, List.of());
                },
                lines::add);
        loop.start();
        assertThat(began.await(30, TimeUnit.SECONDS)).isTrue();
        loop.close();

        assertThat(lines).containsExactly("delivered 3 notices, 0 failed and are tried again, 0 given up");
    }
}
