package io.counterfoil.edge.feed;

import io.counterfoil.edge.feed.FeedSpool.Spooled;
import io.counterfoil.edge.snapshot.CurrentSnapshot;
import io.counterfoil.edge.snapshot.Snapshot;
import io.netty.channel.Channel;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Those who asked: who waits for something newer, who is read for, who is sent what. All of it on the feed's event loop but the reading. */
final class FeedReaders implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int MAX_QUEUED = 256;
    private static final int MAX_WAITING = 1_000;
    private static final long TICK_MILLIS = 100;
    /** The edge takes what the database has within its poll. */
    private static final long TAKE_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** Answers so large that they are spooled, at once. */
    private static final int MAX_SENDING = 8;

    private static final long SEND_MILLIS = TimeUnit.MINUTES.toMillis(10);
    private static final String NOT_TAKEN = "What the database has is not taken here; keep the one you have.";

    private final Vertx vertx;
    private final Context context;
    private final CurrentSnapshot current;
    private final FeedSpool spool;
    private final ExecutorService threads;
    private final List<Waiting> waiting = new ArrayList<>();
    private int sending;

    /**
     * One that is answered once the edge has taken a later version than that, or when its time is up.
     *
     * @param needed whether it can be answered only then: the database has that version already
     */
    private record Waiting(FeedReader reader, long after, boolean needed, long untilNanos) {}

    FeedReaders(Vertx vertx, Context context, CurrentSnapshot current, FeedSpool spool) {
        this.vertx = vertx;
        this.context = context;
        this.current = current;
        this.spool = spool;
        threads = new ThreadPoolExecutor(
                THREADS, THREADS, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_QUEUED), work -> {
                    Thread thread = new Thread(work, "counterfoil-feed");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** From here on those who wait are looked after. */
    void start() {
        current.onChange(() -> context.runOnContext(none -> look()));
        context.runOnContext(none -> vertx.setPeriodic(TICK_MILLIS, timer -> look()));
    }

    /** Answers now, or once there is something newer. */
    void answer(HttpServerRequest request, FeedAsk ask) {
        long now = System.nanoTime();
        FeedReader reader =
                new FeedReader(request, ask, now + TimeUnit.SECONDS.toNanos(ask.waitSeconds()) + TAKE_NANOS);
        Snapshot snapshot = current.get();
        long known = ask.known(snapshot.database());
        if (ask.waitSeconds() == 0 || snapshot.version() > known || isOfAnotherHistory(ask, snapshot)) {
            read(List.of(reader));
        } else {
            park(new Waiting(reader, known, false, now + TimeUnit.SECONDS.toNanos(ask.waitSeconds())));
        }
    }

    /** Whether what changed since cannot be told: the database was restored, or is another one. */
    private boolean isOfAnotherHistory(FeedAsk ask, Snapshot snapshot) {
        return ask.since() > snapshot.version() || (ask.since() > 0 && ask.since() < current.historyFrom());
    }

    private void park(Waiting next) {
        if (waiting.size() >= MAX_WAITING) {
            next.reader().unavailable("Too many readers wait here.");
            return;
        }
        waiting.add(next);
    }

    /** Answers those that need not wait any longer; forgets those that left. */
    private void look() {
        if (waiting.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        Snapshot snapshot = current.get();
        Map<Long, List<FeedReader>> ready = new LinkedHashMap<>();
        List<FeedReader> late = new ArrayList<>();
        waiting.removeIf(each -> {
            FeedReader reader = each.reader();
            boolean taken = snapshot.version() > each.after() || isOfAnotherHistory(reader.ask(), snapshot);
            boolean done = taken || now - each.untilNanos() >= 0;
            if (done && each.needed() && !taken) {
                late.add(reader);
            } else if (done) {
                ready.computeIfAbsent(reader.ask().since(), since -> new ArrayList<>())
                        .add(reader);
            }
            return done || reader.hasLeft();
        });
        late.forEach(each -> each.unavailable(NOT_TAKEN));
        ready.values().forEach(this::read);
    }

    /** Reads once for all of them: they have the same. */
    private void read(List<FeedReader> readers) {
        Snapshot snapshot = current.get();
        String tag = FeedAsk.tag(snapshot.database(), snapshot.version());
        List<FeedReader> wanting = new ArrayList<>();
        for (FeedReader each : readers) {
            if (isOfAnotherHistory(each.ask(), snapshot)) {
                each.ofAnotherHistory(snapshot.version());
            } else if (each.ask().has(tag)) {
                each.notModified(tag);
            } else {
                wanting.add(each);
            }
        }
        if (wanting.isEmpty()) {
            return;
        }
        try {
            threads.execute(() -> spool(wanting));
        } catch (RejectedExecutionException e) {
            wanting.forEach(each -> each.unavailable("Too many readers ask at once."));
        }
    }

    /** On a thread of the feed's own. */
    private void spool(List<FeedReader> wanting) {
        try {
            Spooled spooled = spool.read(wanting.get(0).ask().since(), current.get());
            context.runOnContext(none -> sendOrWait(wanting, spooled));
        } catch (IOException | RuntimeException e) {
            context.runOnContext(none -> wanting.forEach(
                    each -> each.unavailable("The snapshot cannot be read now; keep the one you have.")));
        }
    }

    private void sendOrWait(List<FeedReader> wanting, Spooled spooled) {
        if (isOfAnotherHistory(wanting.get(0).ask(), spooled.taken())) {
            // They asked before the edge took it, and have it read after.
            spool.delete(spooled.out());
            read(wanting);
        } else if (spooled.isTaken()) {
            send(wanting, spooled);
        } else {
            spool.delete(spooled.out());
            for (FeedReader each : wanting) {
                if (spooled.isAhead()) {
                    park(new Waiting(each, spooled.head().version() - 1, true, each.giveUpNanos()));
                } else {
                    each.unavailable(NOT_TAKEN);
                }
            }
        }
    }

    private void send(List<FeedReader> wanting, Spooled spooled) {
        String tag = FeedAsk.tag(spooled.head().database(), spooled.head().version());
        if (spooled.out().isInMemory()) {
            Buffer body = Buffer.buffer(spooled.out().getData());
            wanting.forEach(each -> each.found(tag).end(body));
        } else {
            sendFile(wanting.get(0), spooled, tag);
            wanting.subList(1, wanting.size()).forEach(each -> read(List.of(each)));
        }
    }

    /** Few at once, and none for ever: they lie on the log's disk. */
    private void sendFile(FeedReader reader, Spooled spooled, String tag) {
        if (sending >= MAX_SENDING) {
            spool.delete(spooled.out());
            reader.unavailable("Too many readers are sent everything at once.");
            return;
        }
        sending++;
        Channel channel = ((ConnectionBase) reader.request().connection())
                .channelHandlerContext()
                .channel();
        // Closing it in order would wait for all that is still to be sent.
        long timer = vertx.setTimer(SEND_MILLIS, late -> channel.unsafe().close(channel.newPromise()));
        reader.found(tag).sendFile(spooled.out().getFile().toString()).onComplete(sent -> {
            vertx.cancelTimer(timer);
            sending--;
            spool.delete(spooled.out());
        });
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
