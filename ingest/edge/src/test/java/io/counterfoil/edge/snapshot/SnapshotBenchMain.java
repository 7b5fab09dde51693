package io.counterfoil.edge.snapshot;

import com.sun.management.OperatingSystemMXBean;
import io.counterfoil.edge.admission.KeyGate;
import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.snapshot.SnapshotRows;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * How big, how fast to load and how quietly changed a snapshot of many keys is. Arguments: a folder for Postgres and the snapshot,
 * how many keys, and {@code load} to leave the changes out. A benchmark, no test.
 */
public final class SnapshotBenchMain {
    private static final int CHANGES = 10_000;
    private static final int RATE_PER_S = 2_000;
    private static final int SECONDS = 5;

    private final Path folder;
    private final int keys;
    private final boolean loadOnly;
    private TestDatabase database;
    private final Clock clock = Clock.systemUTC();

    private SnapshotBenchMain(Path folder, int keys, boolean loadOnly) {
        this.folder = folder;
        this.keys = keys;
        this.loadOnly = loadOnly;
    }

    public static void main(String[] args) throws Exception {
        new SnapshotBenchMain(Path.of(args[0]), Integer.parseInt(args[1]), args.length > 2).run();
    }

    private void run() throws Exception {
        long start = System.nanoTime();
        try (TestDatabase.OwnServer server = new TestDatabase.OwnServer(folder.resolve("postgres"))) {
            database = server.database();
            fill(database.jdbi());
            print(
                    "max heap %d MiB, %,d keys in Postgres after %.1f s%n",
                    Runtime.getRuntime().maxMemory() >> 20, keys, seconds(start));
            Path data = Files.createDirectories(folder.resolve("data"));
            long before = usedHeap();
            for (int round = 1; round <= 3; round++) {
                Files.deleteIfExists(data.resolve("snapshot.bin"));
                long cpu = cpuNanos();
                long opened = System.nanoTime();
                try (SnapshotRefresh refresh = open(database.jdbcUrl(), data)) {
                    print(
                            "loaded from Postgres and kept on disk: %.2f s, of which this process worked %.2f s (round %d)%n",
                            seconds(opened), (cpuNanos() - cpu) / 1e9, round);
                    if (round == 1) {
                        print(
                                "heap after GC: %.1f bytes a key%n",
                                (usedHeap() - before) / (double) refresh.stats().keys());
                    }
                }
            }
            print("file: %.1f bytes a key%n", Files.size(data.resolve("snapshot.bin")) / (double) keys);
            String keysSql = SqlFile.read("snapshot/keys.sql")
                    .replace(":since", "0")
                    .replace(":'now'", "'" + clock.instant() + "'");
            database.jdbi()
                    .useHandle(handle -> handle.createQuery("explain (analyze, timing off) " + keysSql)
                            .mapTo(String.class)
                            .forEach(line -> print("  %s%n", line)));
            for (int round = 1; round <= 3; round++) {
                long read = System.nanoTime();
                long count = new SnapshotFile(data)
                        .read(clock.instant())
                        .orElseThrow()
                        .keyCount();
                print("read from disk: %,d keys in %.2f s (round %d)%n", count, seconds(read), round);
            }
            if (!loadOnly) {
                changes(data);
            }
        }
    }

    /**
     * Requests at a fixed rate, each measured from when it was due, while keys change: once with their rows read and thrown away, which
     * is what the database and the machine do to it, and once with the edge applying them.
     */
    private void changes(Path data) throws Exception {
        try (SnapshotRefresh refresh = open(database.jdbcUrl(), data)) {
            latencies(refresh, "warm-up");
        }
        for (int versions : new int[] {1, 100}) {
            for (boolean loading : new boolean[] {false, true, false, true, false, true}) {
                try (SnapshotRefresh refresh = open(database.jdbcUrl(), data)) {
                    if (loading) {
                        refresh.start();
                        during(refresh, versions, true);
                    } else {
                        long from = refresh.stats().version();
                        AtomicBoolean done = new AtomicBoolean();
                        Thread reading = new Thread(() -> throwAway(from, done));
                        reading.start();
                        during(refresh, versions, false);
                        done.set(true);
                        reading.join();
                    }
                }
            }
        }
        print("file: %.1f bytes a key%n", Files.size(data.resolve("snapshot.bin")) / (double) keys);
    }

    private void throwAway(long from, AtomicBoolean done) {
        long[] version = {from};
        try (SnapshotSession session = new SnapshotSource("bench", database.jdbcUrl(), clock).connect()) {
            while (!done.get()) {
                session.await(Duration.ofSeconds(1));
                session.read(version[0], new SnapshotRows.Sink<RuntimeException>() {
                    @Override
                    public boolean head(SnapshotRows.Head head) {
                        version[0] = head.version();
                        return true;
                    }

                    @Override
                    public void limit(SnapshotRows.LimitRow row) {
                        // Thrown away.
                    }

                    @Override
                    public void override(SnapshotRows.OverrideRow row) {
                        // Thrown away.
                    }

                    @Override
                    public void key(SnapshotRows.KeyRow row) {
                        // Thrown away.
                    }

                    @Override
                    public void flag(SnapshotRows.FlagRow row) {
                        // Thrown away.
                    }
                });
            }
        }
    }

    private void during(SnapshotRefresh refresh, int versions, boolean loading) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread changing = new Thread(() -> {
            for (int i = 0; i < versions; i++) {
                change(database.jdbi(), CHANGES / versions);
            }
            done.set(true);
        });
        long collections = collections();
        long from = refresh.stats().version();
        changing.start();
        latencies(refresh, "10,000 changes, " + versions + " versions, " + (loading ? "applied" : "thrown away"));
        changing.join();
        long deadline = System.nanoTime() + 5_000_000_000L;
        while (loading && refresh.stats().version() < from + versions && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
        print(
                "  %s, last load %d ms, %d versions on, %d tables, %d ms of collections%n",
                done.get() ? "all made" : "FAILED",
                refresh.stats().lastLoad().toMillis(),
                refresh.stats().version() - from,
                refresh.current().get().keys().tableCount(),
                collections() - collections);
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                .sum();
    }

    private void latencies(SnapshotRefresh refresh, String what) {
        KeyGate gate = new KeyGate(refresh.current(), clock);
        String[] authorizations = new String[4096];
        Random random = new Random(7);
        for (int i = 0; i < authorizations.length; i++) {
            authorizations[i] = "Bearer key-" + (1 + random.nextInt(keys));
        }
        long[] nanos = new long[RATE_PER_S * SECONDS];
        long from = System.nanoTime();
        long admitted = 0;
        for (int i = 0; i < nanos.length; i++) {
            long due = from + i * 1_000_000_000L / RATE_PER_S;
            // As an event loop does: a thread that never sleeps is put behind every one that wakes.
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            admitted +=
                    gate.admit(authorizations[i % authorizations.length], null).keyId() > 0 ? 1 : 0;
            nanos[i] = System.nanoTime() - due;
        }
        Arrays.sort(nanos);
        print(
                "%-46s admit p50 %.1f us, p99 %.1f us, p99.9 %.1f us, max %.1f ms (%,d of %,d admitted)%n",
                what,
                micros(nanos, 0.5),
                micros(nanos, 0.99),
                micros(nanos, 0.999),
                nanos[nanos.length - 1] / 1e6,
                admitted,
                nanos.length);
    }

    private static double micros(long[] sorted, double quantile) {
        return sorted[(int) (sorted.length * quantile)] / 1e3;
    }

    private SnapshotRefresh open(String jdbcUrl, Path data) throws IOException {
        SnapshotSource source = new SnapshotSource("bench", jdbcUrl, clock);
        SnapshotSettings settings = new SnapshotSettings(data, Duration.ofSeconds(1), OptionalLong.empty());
        SnapshotRefresh refresh = SnapshotRefresh.open(source, settings, clock, line -> {});
        refresh.askOnce();
        return refresh;
    }

    private void fill(Jdbi jdbi) {
        jdbi.useTransaction(handle -> {
            handle.execute(
                    "insert into account (name, created_at) select 'account ' || i, now()"
                            + " from generate_series(1, ?) i",
                    keys / 100);
            handle.execute(
                    "insert into api_key (account_id, label, label_sha256, created_at, version, scopes)"
                            + " select 1 + i % ?, 'customer-' || i, sha256(('customer-' || i)::bytea), now(), 2,"
                            + " case i % 3 when 0 then '{read}'::text[] when 1 then '{read,write}' else '{}' end"
                            + " from generate_series(1, ?) i",
                    keys / 100, keys);
            handle.execute("insert into api_key_secret (sha256, key_id, created_at)"
                    + " select sha256(('key-' || key_id)::bytea), key_id, now() from api_key");
            handle.execute("update control_version set v = 2");
        });
        jdbi.useHandle(handle -> handle.execute("vacuum analyze"));
    }

    /** Gives so many keys an end that is far away, as one version. */
    private void change(Jdbi jdbi, int count) {
        jdbi.useTransaction(handle -> {
            handle.execute(
                    "update api_key set version = 0, expires_at = now() + interval '1 year' where key_id in"
                            + " (select 1 + (random() * (? - 1))::bigint from generate_series(1, ?))",
                    keys,
                    count);
            long version = ControlVersion.next(handle);
            handle.execute("update api_key set version = ? where version = 0", version);
            ControlVersion.wakeEdges(handle, version);
        });
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static long usedHeap() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(100);
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    private static void print(String format, Object... arguments) {
        System.out.printf(format, arguments);
        System.out.flush();
    }
}
