package io.counterfoil.jobs.push;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SessionLock;
import io.counterfoil.sql.push.FlagPushStore;
import io.counterfoil.sql.push.FlagPushStore.Pushed;
import io.counterfoil.sql.push.OverLimit;

import javax.sql.DataSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Pushes the flags that hold now to edges that are not ours, where they changed. Whoever pushes to a target holds its lock and reads the
 * flags under it, so versions there never go back, whoever pushes, and however often one dies: what is sent is recorded as in doubt before,
 * and as taken after the target took it. One run at a time in one object.
 */
public final class PushFlagsJob implements AutoCloseable {
    /** No document is written more often: Workers KV takes no more of one key. */
    static final Duration PACE = Duration.ofSeconds(1);

    private final PushSettings settings;
    private final FlagTarget target;
    private final DataSource database;
    private final FlagPushStore store;
    private final InstantSource clock;
    private final boolean force;
    private long wroteNanos = System.nanoTime() - PACE.toNanos();

    /**
     * Opens nothing yet.
     *
     * @param force write whatever is there, a later version too
     */
    public PushFlagsJob(PushSettings settings, String databaseUrl, InstantSource clock, boolean force) {
        this.settings = settings;
        this.target = settings.target;
        this.database = DatabaseAccess.dataSource(databaseUrl);
        this.store = new FlagPushStore(DatabaseAccess.jdbi(database));
        this.clock = clock;
        this.force = force;
    }

    /**
     * Pushes once.
     *
     * @throws OperatorException category INPUT where the target refuses, or what is there is later or not ours;
     *     DOWN where the target or the database cannot be reached, or another pushes there for too long
     */
    public PushResult run() {
        if (target.lockFile().isPresent()) {
            try (PushLock lock = PushLock.take(target.lockFile().get(), settings.lockWait)) {
                return push(() -> {});
            }
        }
        try (SessionLock lock = SessionLock.take(database, "counterfoil push " + target.id(), settings.lockWait)) {
            return push(lock::requireHeld);
        }
    }

    /** @param requireLock throws where the lock was lost */
    private PushResult push(Runnable requireLock) {
        DueTexts.Doubt doubt = force ? DueTexts.Doubt.FORCE : DueTexts.Doubt.NONE;
        while (true) {
            Instant now = clock.instant();
            OverLimit.All all = store.overLimit(now);
            List<FlagText> texts = settings.format.of(all.limits());
            Map<String, Pushed> last = target.local() ? Map.of() : store.pushed(target.id());
            DueTexts due = new DueTexts(target, last, all.version(), now, doubt);
            List<FlagText> changed = texts.stream().filter(due::isDue).toList();
            store.save(target.id(), due.seen(), force);
            pace(changed, last, now);
            long version = all.version();
            if (!record(changed.stream().map(text -> inDoubt(text, version)).toList())) {
                // The lock's session was lost on the way, and another pushes later flags: these would lie over them.
                continue;
            }
            Map<String, byte[]> documents = documents(changed, version);
            if (!documents.isEmpty()) {
                target.write(documents);
                wroteNanos = System.nanoTime();
            }
            if (record(changed.stream().map(text -> taken(text, version)).toList())) {
                return result(all, texts, documents, byKey(all, now, requireLock));
            }
            // As above, and these may lie over them.
            doubt = force ? doubt : DueTexts.Doubt.REMEMBERED;
        }
    }

    /** Waits until a second has passed since the same document was written, by whomever; by one's own clock, too, which never jumps. */
    private void pace(List<FlagText> changed, Map<String, Pushed> last, Instant now) {
        long wait = changed.stream()
                .flatMap(text -> Optional.ofNullable(last.get(text.name())).stream())
                .mapToLong(each ->
                        PACE.minus(Duration.between(each.pushedAt(), now)).toNanos())
                .max()
                .orElse(0);
        long own = changed.isEmpty() || target.local() ? 0 : wroteNanos + PACE.toNanos() - System.nanoTime();
        park(Math.min(Math.max(wait, own), PACE.toNanos()));
    }

    static void park(long nanos) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static Map<String, byte[]> documents(Collection<FlagText> texts, long version) {
        Map<String, byte[]> documents = new LinkedHashMap<>();
        texts.forEach(text -> documents.put(text.name(), text.bytes(version)));
        return documents;
    }

    private Pushed inDoubt(FlagText text, long version) {
        return Pushed.inDoubt(text.name(), version, Optional.empty(), clock.instant());
    }

    private Pushed taken(FlagText text, long version) {
        Instant taken = clock.instant();
        return new Pushed(text.name(), version, text.matter(), text.figures(), Optional.empty(), taken, taken);
    }

    /** Whether no later version is recorded of any of them. */
    private boolean record(List<Pushed> documents) {
        return target.local() || store.save(target.id(), documents, force).isEmpty();
    }

    private KeyDocuments.Done byKey(OverLimit.All all, Instant now, Runnable requireLock) {
        if (settings.keyPrefix.isPresent() && target instanceof KvTarget kv) {
            requireLock.run();
            return new KeyDocuments(kv, store, settings.keyPrefix.get()).push(all, now, force);
        }
        return KeyDocuments.Done.NOTHING;
    }

    private static PushResult result(
            OverLimit.All all, List<FlagText> texts, Map<String, byte[]> written, KeyDocuments.Done byKey) {
        return new PushResult(
                all.version(),
                texts.stream().mapToLong(FlagText::keys).sum(),
                List.copyOf(written.keySet()),
                texts.size() - written.size(),
                written.values().stream().mapToLong(bytes -> bytes.length).sum(),
                byKey.put(),
                byKey.deleted(),
                all.limits().stream().map(OverLimit::resetsAt).min(Instant::compareTo),
                texts.stream().flatMap(text -> text.fault().stream()).findFirst());
    }

    @Override
    public void close() {
        target.close();
    }
}
