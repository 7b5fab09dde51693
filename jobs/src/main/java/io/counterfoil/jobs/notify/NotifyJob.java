package io.counterfoil.jobs.notify;

import io.counterfoil.sql.DatabaseAccess;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Delivers notices by webhook and mail. What is sent is claimed before, and its outcome recorded after, each in a transaction of its
 * own; nothing is sent inside of one. Whoever dies in between leaves claims that run out, and what it sent is sent again under the same
 * id: at least once. Any number may run at the same time. One run at a time in one object.
 */
public final class NotifyJob implements AutoCloseable {
    private static final int SENDS = 16;
    private static final int SENDS_PER_TARGET = 2;

    /** Of a claim: far longer than a send with its name lookup, before another may try. */
    private static final Duration LEASE = Duration.ofMinutes(5);

    private static final long LOOK_MILLIS = 1000;

    private final NoticeStore notices;
    private final WebhookStore webhooks;
    private final Senders senders;
    private final RetrySchedule schedule = new RetrySchedule(new SplittableRandom());
    private final InstantSource clock;
    private final ExecutorService threads;

    /** Opens nothing but threads; a database that is down is found by {@link #run}. */
    public NotifyJob(NotifySettings settings, String databaseUrl, InstantSource clock) {
        Jdbi jdbi = DatabaseAccess.jdbi(DatabaseAccess.dataSource(databaseUrl));
        this.notices = new NoticeStore(jdbi);
        this.webhooks = new WebhookStore(jdbi);
        this.senders = Senders.of(settings, clock);
        this.clock = clock;
        this.threads = Executors.newFixedThreadPool(SENDS, work -> {
            Thread thread = new Thread(work, "notice");
            thread.setDaemon(true);
            return thread;
        });
    }

    private record Sent(Delivery delivery, Outcome outcome) {}

    /** What one run counted. */
    private static final class Tally {
        private long delivered;
        private long failed;
        private long dead;
    }

    /** Sends what is due until nothing is. */
    public NotifyResult run() {
        return run(() -> true);
    }

    /**
     * Sends what is due until nothing is, or it is not to go on: then what was claimed is still sent and recorded, and nothing new claimed.
     * Receivers that fail are no fault of the run; they are tried again by a later one.
     */
    public NotifyResult run(BooleanSupplier goOn) {
        Tally tally = new Tally();
        Map<Long, Integer> flying = new HashMap<>();
        CompletionService<Sent> sends = new ExecutorCompletionService<>(threads);
        do {
            if (goOn.getAsBoolean()) {
                notices.fanOut(clock.instant());
                for (Delivery delivery : claim(flying)) {
                    flying.merge(target(delivery), 1, Integer::sum);
                    sends.submit(() -> new Sent(delivery, senders.send(delivery)));
                }
            }
        } while (landed(sends, flying, tally));
        return new NotifyResult(tally.delivered, tally.failed, tally.dead, waiting());
    }

    private List<Delivery> claim(Map<Long, Integer> flying) {
        int free = SENDS - flying.values().stream().mapToInt(Integer::intValue).sum();
        Instant now = clock.instant();
        return free == 0
                ? List.of()
                : notices.claim(
                        senders.means(),
                        new NoticeStore.Portion(free, SENDS_PER_TARGET, flying.keySet()),
                        now,
                        now.plus(LEASE));
    }

    /** Records what came back; waits a moment where nothing did. False: nothing is on its way. */
    private boolean landed(CompletionService<Sent> sends, Map<Long, Integer> flying, Tally tally) {
        if (flying.isEmpty()) {
            return false;
        }
        try {
            Future<Sent> done = sends.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            while (done != null) {
                Sent sent = done.get();
                flying.computeIfPresent(target(sent.delivery()), (target, count) -> count > 1 ? count - 1 : null);
                record(sent.delivery(), sent.outcome(), tally);
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

    private void record(Delivery delivery, Outcome outcome, Tally tally) {
        Instant now = clock.instant();
        if (outcome.error().isEmpty()) {
            notices.delivered(delivery, outcome.status(), now);
            tally.delivered++;
            return;
        }
        Optional<Instant> again = outcome.gone()
                ? Optional.<Instant>empty()
                : schedule.after(delivery.attempt(), outcome.retryAfter()).map(now::plus);
        notices.failed(
                delivery,
                new NoticeStore.Failure(outcome.status(), outcome.error().get()),
                again,
                now);
        if (again.isPresent()) {
            tally.failed++;
        } else {
            tally.dead++;
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

    private static long target(Delivery delivery) {
        return delivery.target() instanceof Target.Webhook webhook ? webhook.endpoint() : 0;
    }

    /** What is being sent is given up: it is sent again by another run. */
    @Override
    public void close() {
        threads.shutdownNow();
        senders.close();
    }
}
