package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.file.Reason;
import io.counterfoil.accesslog.ship.ShippingCounters;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.function.Consumer;

/** Appends what waits, forces it at once, tells who gave it, and seals what is due. The only thread that touches the sources' logs. */
final class CollectingThread extends Thread {
    private static final int MAX_WAITING_BATCHES = 1024;
    private static final long SEGMENT_BYTES = 4L << 20;
    /** Left free, so that what was taken can be sealed. */
    private static final long RESERVE_BYTES = 64L << 20;

    /** Nobody wakes it for keys that changed, or to finish. */
    private static final long MOST_WAIT_NANOS = 100_000_000L;

    private static final long LEAST_WAIT_NANOS = 5_000_000L;

    private static final long HELD_KEYS_NANOS = 500_000_000L;

    private final CollectedLogConfig config;
    private final Map<String, SourceLog> sources;
    private final KeyNumbers keys;
    private final ShippingCounters shipping;
    private final Runnable sealed;
    private final Consumer<String> notices;
    private final BlockingQueue<Given> waiting = new LinkedBlockingQueue<>(MAX_WAITING_BATCHES);
    private final AtomicBoolean keysChanged = new AtomicBoolean(true);
    private final AtomicLong batches = new AtomicLong();
    private final AtomicLong duplicates = new AtomicLong();
    private final AtomicLong records = new AtomicLong();
    private final AtomicLong rejects = new AtomicLong();
    private final AtomicLong held = new AtomicLong();
    private final AtomicLong failedForces = new AtomicLong();
    private final LongAccumulator maxSkew = new LongAccumulator(Math::max, 0);
    private volatile List<String> heldKeys = List.of();
    private long heldKeysNanos = System.nanoTime() - HELD_KEYS_NANOS;
    private long heldAsked;
    private volatile boolean finishing;
    private String trouble = "";

    /** A batch, and who is to be told. */
    private record Given(String source, CollectedBatch batch, CompletableFuture<TakenBatch> told) {}

    /**
     * A batch that was appended, and is to be told of once it is forced.
     *
     * @param losses of its source, until then: one more, and it is not there any more
     */
    private record Appended(Given given, TakenBatch taken, long losses) {}

    CollectingThread(
            CollectedLogConfig config,
            Map<String, SourceLog> sources,
            KeyNumbers keys,
            ShippingCounters shipping,
            Runnable sealed,
            Consumer<String> notices) {
        super("counterfoil-collect");
        this.config = config;
        this.sources = sources;
        this.keys = keys;
        this.shipping = shipping;
        this.sealed = sealed;
        this.notices = notices;
        setDaemon(true);
    }

    CompletableFuture<TakenBatch> take(String source, CollectedBatch batch) {
        if (!config.sources().contains(source)) {
            throw new IllegalArgumentException("source " + source + " was not named at the opening");
        }
        Given given = new Given(source, batch, new CompletableFuture<>());
        if (finishing || !waiting.offer(given)) {
            given.told.completeExceptionally(new CollectorBusyException(
                    finishing ? "it is stopping" : MAX_WAITING_BATCHES + " batches wait for the disk"));
        }
        return given.told;
    }

    /** Another part each time, where there are more: one that stays unknown keeps nobody from being asked for. */
    Set<String> heldKeys(int most) {
        List<String> all = heldKeys;
        Set<String> some = new HashSet<>();
        for (int i = 0; i < Math.min(most, all.size()); i++) {
            some.add(all.get((int) ((heldAsked + i) % all.size())));
        }
        heldAsked += some.size();
        return some;
    }

    private void countHeld() {
        long now = sources.values().stream().mapToLong(SourceLog::heldCount).sum();
        if (now == 0) {
            heldKeys = List.of();
        } else if (System.nanoTime() - heldKeysNanos > HELD_KEYS_NANOS) {
            heldKeysNanos = System.nanoTime();
            heldKeys = sources.values().stream()
                    .flatMap(source -> source.heldKeys().stream())
                    .distinct()
                    .toList();
        }
        held.set(now);
    }

    void keysChanged() {
        keysChanged.set(true);
    }

    CollectedLogStats stats() {
        return new CollectedLogStats(
                batches.get(),
                duplicates.get(),
                records.get(),
                rejects.get(),
                held.get(),
                failedForces.get(),
                shipping.waitingSegments(),
                shipping.waitingBytes(),
                maxSkew.get());
    }

    @Override
    public void run() {
        try {
            while (true) {
                Given first = waiting.poll(untilDue(), TimeUnit.NANOSECONDS);
                List<Given> given = new ArrayList<>();
                if (first != null) {
                    given.add(first);
                    waiting.drainTo(given);
                }
                boolean last = finishing && waiting.isEmpty();
                work(given);
                if (last) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            currentThread().interrupt();
        }
    }

    /** A defect in one round must not end the thread: whoever gave a batch is told that it was not taken, and posts it again. */
    private void work(List<Given> given) {
        try {
            String refusal = given.isEmpty() && !keysChanged.get() ? "" : refusal();
            Deque<Given> rest = new ArrayDeque<>(given);
            do {
                // No more at once than is sealed at once: the rest of a burst waits.
                force(append(rest, refusal));
                release(refusal);
                force(List.of());
                countHeld();
                rollWhatIsDue();
            } while (!rest.isEmpty());
        } catch (RuntimeException | Error e) {
            tell("a defect, or too little memory: " + e);
            given.forEach(each -> each.told.completeExceptionally(new CollectorBusyException("a defect", e)));
        }
    }

    /** Why nothing is to be taken now; empty: it is. */
    private String refusal() {
        long waitingBytes = shipping.waitingBytes() - shipping.quarantinedBytes();
        if (waitingBytes >= config.maxWaitingBytes()) {
            return waitingBytes + " bytes wait for the landing, at most " + config.maxWaitingBytes() + " may";
        }
        try {
            long free = Files.getFileStore(config.folder()).getUsableSpace();
            return free >= RESERVE_BYTES
                    ? ""
                    : free + " bytes are free on the disk under " + config.folder() + ", " + RESERVE_BYTES
                            + " are kept to seal with";
        } catch (IOException e) {
            return Reason.of(e);
        }
    }

    private List<Appended> append(Deque<Given> given, String refusal) {
        List<Appended> appended = new ArrayList<>();
        String now = refusal;
        boolean any = !given.isEmpty();
        boolean full = false;
        while (!given.isEmpty() && !full) {
            Given each = given.remove();
            SourceLog source = sources.get(each.source);
            String why = refusal.isEmpty() ? refusal(each.source, source) : refusal;
            if (!why.isEmpty()) {
                now = why;
                each.told.completeExceptionally(new CollectorBusyException(why));
                continue;
            }
            try {
                TakenBatch taken = source.append(each.batch, keys, System.nanoTime());
                appended.add(new Appended(each, taken, source.losses()));
            } catch (CollectorBusyException e) {
                now = e.getMessage();
                each.told.completeExceptionally(e);
            } catch (IOException | RuntimeException | Error e) {
                now = Reason.of(e);
                each.told.completeExceptionally(new CollectorBusyException(now, e));
            }
            full = source.journalBytes() >= SEGMENT_BYTES;
        }
        if (any) {
            tell(now);
        }
        return appended;
    }

    private static String refusal(String name, SourceLog source) {
        if (source.failed()) {
            return "the disk under " + name + " failed; start the edge anew once it works";
        }
        return source.journalBytes() < SEGMENT_BYTES ? "" : "what " + name + " posted cannot be sealed";
    }

    private void release(String refusal) {
        if (refusal.isEmpty() && keysChanged.getAndSet(false)) {
            for (Map.Entry<String, SourceLog> source : sources.entrySet()) {
                try {
                    int released = source.getValue().release(keys, System.nanoTime());
                    if (released > 0) {
                        notices.accept("collector: " + released + " records of " + source.getKey()
                                + " had waited for their key, and are in the log now");
                        // There may be more of them.
                        keysChanged.set(true);
                    }
                } catch (IOException | RuntimeException | Error e) {
                    keysChanged.set(true);
                    tell(Reason.of(e));
                }
            }
        }
    }

    private void force(List<Appended> appended) {
        for (Map.Entry<String, SourceLog> each : sources.entrySet()) {
            SourceLog source = each.getValue();
            if (!source.failed() && source.hasUnforced()) {
                try {
                    source.force();
                } catch (IOException | RuntimeException | Error e) {
                    failedForces.incrementAndGet();
                    notices.accept("ALARM collector: what " + each.getKey()
                            + " had posted could not be forced to the disk, and is to be posted again: " + Reason.of(e)
                            + (source.failed() ? "; nothing more of it is taken until the edge is started anew" : ""));
                }
            }
        }
        for (Appended each : appended) {
            SourceLog source = sources.get(each.given.source);
            if (source.failed() || source.hasUnforced() || source.losses() != each.losses) {
                each.given.told.completeExceptionally(new CollectorBusyException("the disk did not keep it"));
            } else {
                count(each);
                each.given.told.complete(each.taken);
            }
        }
    }

    private void count(Appended each) {
        if (each.taken.duplicate()) {
            duplicates.incrementAndGet();
            return;
        }
        batches.incrementAndGet();
        records.addAndGet(each.taken.records());
        rejects.addAndGet(each.given.batch.rejects().size());
        maxSkew.accumulate(Math.abs(each.given.batch.skewMicros()));
    }

    private long untilDue() {
        long now = System.nanoTime();
        long wait = config.sealAfter().toNanos();
        for (SourceLog source : sources.values()) {
            if (!source.failed() && !source.isEmpty()) {
                wait = Math.min(wait, source.begunNanos() + config.sealAfter().toNanos() - now);
            }
        }
        return Math.max(LEAST_WAIT_NANOS, Math.min(wait, MOST_WAIT_NANOS));
    }

    private void rollWhatIsDue() {
        boolean any = false;
        for (SourceLog source : sources.values()) {
            boolean due = !source.failed()
                    && !source.isEmpty()
                    && (source.journalBytes() >= SEGMENT_BYTES
                            || System.nanoTime() - source.begunNanos()
                                    >= config.sealAfter().toNanos());
            if (due) {
                try {
                    source.roll();
                    any = true;
                } catch (IOException | RuntimeException | Error e) {
                    tell("what was taken cannot be sealed yet: " + Reason.of(e));
                }
            }
        }
        if (any) {
            sealed.run();
        }
    }

    private void tell(String now) {
        if (!now.isEmpty() && !now.equals(trouble)) {
            notices.accept("collector takes nothing for now, senders are asked to post again: " + now);
        } else if (now.isEmpty() && !trouble.isEmpty()) {
            notices.accept("collector takes batches again");
        }
        trouble = now;
    }

    void finish() {
        finishing = true;
        try {
            join();
        } catch (InterruptedException e) {
            currentThread().interrupt();
        }
        for (Map.Entry<String, SourceLog> source : sources.entrySet()) {
            String left = source.getValue().failed() ? "" : source.getValue().close();
            if (!left.isEmpty()) {
                notices.accept("collector: what " + source.getKey() + " posted is sealed at the next start: " + left);
            }
        }
        sealed.run();
    }
}
