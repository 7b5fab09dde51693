package io.counterfoil.edge.collector;

import io.counterfoil.accesslog.collected.CollectedLog;
import io.counterfoil.accesslog.collected.KeyNumbers;
import io.counterfoil.edge.snapshot.CurrentSnapshot;
import io.counterfoil.edge.snapshot.Snapshot;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.hours.EdgeRosterStore;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Which key a hash is: by the snapshot, and for those that records wait for, by the database each second. That knows what the
 * snapshot leaves out: keys that were disabled, whose requests were answered all the same.
 */
final class HeldKeys implements KeyNumbers, AutoCloseable {
    private static final Duration SILENCE = Duration.ofSeconds(5);
    private static final int MAX_ASKED = 1_000;
    private static final int MAX_KNOWN = 100_000;
    private static final int HEX = 16;
    private static final int ROUNDS_TO_GIVE_UP = 60;

    private final CurrentSnapshot current;
    private final Jdbi jdbi;
    private final KeyStore store;
    private final Map<String, Long> known = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::lookUp, "counterfoil-held-keys");
    private volatile CollectedLog log;

    HeldKeys(CurrentSnapshot current, String jdbcUrl) {
        this.current = current;
        jdbi = DatabaseAccess.jdbi(DatabaseAccess.dataSource(jdbcUrl, SILENCE));
        store = new KeyStore(jdbi);
    }

    /** @throws OperatorException category INPUT where the database is there and knows an edge of one of these names */
    void refuseEdges(Set<String> sources) {
        EdgeRosterStore roster = new EdgeRosterStore(jdbi);
        for (String source : sources) {
            boolean edge;
            try {
                edge = roster.contains(source);
            } catch (JdbiException e) {
                // It is away: an edge that is known starts without it.
                return;
            }
            if (edge) {
                throw OperatorException.input(
                        Collector.TOKENS + " names a source '" + source + "', which is an edge's name; choose another");
            }
        }
    }

    /** From here on keys that the log waits for are looked up. */
    void lookUpFor(CollectedLog waiting) {
        log = waiting;
        thread.setDaemon(true);
        thread.start();
    }

    private void lookUp() {
        try {
            for (long round = 1; ; round++) {
                TimeUnit.SECONDS.sleep(1);
                if (round % ROUNDS_TO_GIVE_UP == 0) {
                    // What waited for too long is given up then.
                    log.keysChanged();
                }
                Set<String> held = log.heldKeys(MAX_ASKED);
                if (!held.isEmpty()) {
                    lookUp(held);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void lookUp(Set<String> held) {
        try {
            Map<String, Long> found = store.byHash(held);
            if (!found.isEmpty()) {
                if (known.size() > MAX_KNOWN) {
                    known.clear();
                }
                known.putAll(found);
                log.keysChanged();
            }
        } catch (RuntimeException e) {
            // The database is away: they wait a little longer, and that it is away is told by who reads the snapshot.
            return;
        }
    }

    @Override
    public long find(String sha256) {
        Snapshot snapshot = current.get();
        long found = snapshot.find(word(sha256, 0), word(sha256, 1), word(sha256, 2), word(sha256, 3));
        return found >= 0 ? snapshot.keyId(found) : known.getOrDefault(sha256, UNKNOWN);
    }

    private static long word(String sha256, int index) {
        return Long.parseUnsignedLong(sha256, index * HEX, (index + 1) * HEX, HEX);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
