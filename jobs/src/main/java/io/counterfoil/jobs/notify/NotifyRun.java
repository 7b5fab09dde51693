package io.counterfoil.jobs.notify;

import io.counterfoil.sql.notice.Delivery;
import io.counterfoil.sql.notice.NoticeStore;
import io.counterfoil.sql.notice.Target;
import io.counterfoil.sql.notice.WebhookStore;
import org.jdbi.v3.core.Jdbi;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One run: this thread alone speaks to the database, others send. */
final class NotifyRun {
    private static final int SENDS_PER_TARGET = 2;
    /** Of all sends, at all targets together that do not answer. */
    private static final int SENDS_AT_SLOW = NotifyJob.SENDS / 2;

    /** Of a claim: far longer than a send with its name lookup, before another may try. */
    private static final Duration LEASE = Duration.ofMinutes(15);

    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final NoticeStore notices;
    private final WebhookStore webhooks;
    private final Senders senders;
    private final InstantSource clock;
    private final RetrySchedule schedule = new RetrySchedule(new SplittableRandom());
    private final CompletionService<Sent> sends;
    private final Map<Long, Integer> flying = new HashMap<>();
    /** Targets that said nothing in time, or at all, when last asked: they may not take every thread. */
    private final Set<Long> slow = new HashSet<>();

    private long lookedNanos = System.nanoTime() - LOOK_NANOS;
    private long delivered;
    private long failed;
    private long dead;

    NotifyRun(Jdbi jdbi, Senders senders, ExecutorService threads, InstantSource clock) {
        this.notices = new NoticeStore(jdbi);
        this.webhooks = new WebhookStore(jdbi);
        this.senders = senders;
        this.clock = clock;
        this.sends = new ExecutorCompletionService<>(threads);
    }

    private record Sent(Delivery delivery, Outcome outcome) {}

    NotifyResult run(BooleanSupplier goOn) {
        notices.giveUpStale(clock.instant());
        do {
            if (goOn.getAsBoolean()) {
                lookForNew();
                take();
            }
        } while (landed());
        return new NotifyResult(delivered, failed, dead, waiting());
    }

    private void lookForNew() {
        if (System.nanoTime() - lookedNanos >= LOOK_NANOS) {
            notices.fanOut(clock.instant());
            lookedNanos = System.nanoTime();
        }
    }

    /** Claims no more than is sent at once, so that no claim runs out while it waits for its turn. */
    private void take() {
        while (true) {
            int free = NotifyJob.SENDS
                    - flying.values().stream().mapToInt(Integer::intValue).sum();
            List<Long> full = full();
            // What is claimed may all be of targets that do not answer, where any of them is not full.
            int most = full.containsAll(slow) ? free : Math.min(free, SENDS_AT_SLOW - atSlow());
            Instant now = clock.instant();
            List<Delivery> claimed = most <= 0
                    ? List.of()
                    : notices.claim(senders.means(), new NoticeStore.Portion(most, 1, full), now, now.plus(LEASE));
            if (claimed.isEmpty()) {
                return;
            }
            for (Delivery delivery : claimed) {
                flying.merge(target(delivery), 1, Integer::sum);
                sends.submit(() -> new Sent(delivery, senders.send(delivery)));
            }
        }
    }

    private int atSlow() {
        return slow.stream().mapToInt(target -> flying.getOrDefault(target, 0)).sum();
    }

    private List<Long> full() {
        Set<Long> full = new HashSet<>(atSlow() >= SENDS_AT_SLOW ? slow : Set.of());
        flying.forEach((target, count) -> {
            if (count >= (slow.contains(target) ? 1 : SENDS_PER_TARGET)) {
                full.add(target);
            }
        });
        return List.copyOf(full);
    }

    /** Records what came back; waits a moment where nothing did. False: nothing is on its way. */
    private boolean landed() {
        if (flying.isEmpty()) {
            return false;
        }
        try {
            Future<Sent> done = sends.poll(LOOK_NANOS, TimeUnit.NANOSECONDS);
            while (done != null) {
                Sent sent = done.get();
                flying.computeIfPresent(target(sent.delivery()), (target, count) -> count > 1 ? count - 1 : null);
                if (sent.outcome().error().isPresent()
                        && sent.outcome().status().isEmpty()) {
                    slow.add(target(sent.delivery()));
                } else {
                    slow.remove(target(sent.delivery()));
                }
                record(sent.delivery(), sent.outcome());
                done = sends.poll();
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a sender broke; its claim runs out, nothing is lost", e.getCause());
        }
    }

    private void record(Delivery delivery, Outcome outcome) {
        Instant now = clock.instant();
        if (outcome.error().isEmpty()) {
            notices.delivered(delivery, outcome.status(), now);
            delivered++;
            return;
        }
        Optional<Instant> again = outcome.gone()
                ? Optional.empty()
                : schedule.after(delivery.attempt(), outcome.retryAfter()).map(now::plus);
        notices.failed(
                delivery,
                new NoticeStore.Failure(outcome.status(), outcome.error().get()),
                again,
                now);
        if (again.isPresent()) {
            failed++;
        } else {
            dead++;
        }
        if (outcome.gone() && delivery.target() instanceof Target.Webhook webhook) {
            webhooks.gone(webhook.endpoint(), outcome.error().get(), now);
        }
    }

    private List<String> waiting() {
        NoticeStore.Waiting waiting = notices.waiting(senders.means(), clock.instant());
        List<String> reasons = new ArrayList<>();
        if (waiting.mails() > 0) {
            reasons.add(waiting.mails() + " mails wait for a mail server; set " + MailServer.URL_VARIABLE + " and "
                    + MailServer.FROM_VARIABLE);
        }
        if (waiting.webhooks() > 0) {
            reasons.add(waiting.webhooks() + " webhooks wait for the key that their secrets came of; set "
                    + WebhookKey.VARIABLE
                    + " to the one that 'webhook create' had, or give their receivers another secret by"
                    + " 'webhook rotate'");
        }
        return reasons;
    }

    /** All mail goes to one server. */
    private static long target(Delivery delivery) {
        return delivery.target() instanceof Target.Webhook webhook ? webhook.endpoint() : 0;
    }
}
