package io.counterfoil.edge.snapshot;

import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.Until;
import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.limits.LimitEvaluation;
import io.counterfoil.sql.limits.LimitStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.snapshot.SnapshotStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Many keys that go over their limit in one batch: how long the evaluation holds control_version, and how long an edge takes to apply what
 * follows. Arguments: a folder for Postgres, how many keys go over, how many have how many hours of history. A benchmark, no test.
 */
public final class FlagBenchMain {
    private static final Instant NOW = Instant.parse("2026-11-26T12:30:00Z");
    private static final String HOUR = "'2026-11-26 12:00:00+00'";

    private FlagBenchMain() {}

    public static void main(String[] args) throws Exception {
        int keys = Integer.parseInt(args[1]);
        try (TestDatabase.OwnServer server = new TestDatabase.OwnServer(Path.of(args[0]))) {
            Jdbi jdbi = server.database().jdbi();
            long plan = new PlanStore(jdbi)
                    .create(
                            "bench",
                            List.of(
                                    UsageLimit.parse("100/hour", "refuse", "key"),
                                    UsageLimit.parse("1000000/period", "warn", "account")),
                            NOW);
            fill(jdbi, plan, keys, Integer.parseInt(args[2]), Integer.parseInt(args[3]));
            SnapshotStore snapshots = new SnapshotStore(jdbi);
            Snapshot snapshot = load(snapshots, Snapshot.EMPTY);
            for (int round = 1; round <= 5; round++) {
                jdbi.useHandle(
                        handle -> handle.execute("delete from flag; delete from limit_usage; delete from notice"));
                long version = evaluate(jdbi, keys, round);
                snapshot = applied(snapshots, load(snapshots, Snapshot.EMPTY), snapshot.version(), version);
            }
            jdbi.useHandle(handle -> handle.execute("delete from flag; delete from limit_usage; delete from notice"));
            requestsMeanwhile(
                    server.database().jdbcUrl(), jdbi, keys, Path.of(args[0]).resolveSibling("edge"));
            long began = System.nanoTime();
            new LimitStore(jdbi)
                    .replace(
                            plan,
                            List.of(
                                    UsageLimit.parse("200/hour", "refuse", "key"),
                                    UsageLimit.parse("1000000/period", "warn", "account")),
                            NOW);
            say("a plan's limit replaced, %,d keys on it summed anew: %.2f s", keys, seconds(began));
        }
    }

    private static void fill(Jdbi jdbi, long plan, int keys, int withHistory, int hours) {
        jdbi.useHandle(handle -> {
            handle.execute(
                    "insert into account (name, created_at) select 'account ' || i, now() from generate_series(1, ?) i",
                    keys / 10);
            handle.execute(
                    "insert into api_key (account_id, plan_id, label, label_sha256, created_at, version)"
                            + " select (i - 1) / 10 + 1, ?, 'key ' || i, sha256(('key ' || i)::bytea), now(), 1 from generate_series(1, ?) i",
                    plan,
                    keys);
            handle.execute("insert into api_key_secret (sha256, key_id, created_at)"
                    + " select sha256(('secret ' || key_id)::bytea), key_id, now() from api_key");
            for (String month : List.of("2026-10-01", "2026-11-01")) {
                handle.execute("select create_usage_partition('" + month + " 00:00:00+00')");
            }
            handle.execute(
                    "insert into usage_hourly select h, k, 'items', 'success', 10, 10, 0, 100, 50 from generate_series("
                            + HOUR + "::timestamptz - ? * interval '1 hour', " + HOUR
                            + "::timestamptz - interval '1 hour',"
                            + " interval '1 hour') h, generate_series(1, ?) k",
                    hours,
                    withHistory);
            handle.execute("vacuum analyze");
        });
        say("%,d keys, %,d of them with %d hours of usage", keys, withHistory, hours);
    }

    /** As a merge does, from the usage on: all of the keys use 120 of 100. */
    private static long evaluate(Jdbi jdbi, int keys, int round) {
        long batch = jdbi.withHandle(handle -> {
            long id = handle.createQuery("insert into batch (planned_at) values (now()) returning batch_id")
                    .mapTo(Long.class)
                    .one();
            handle.execute(
                    "insert into batch_attempt (batch_id, part, attempt, usage_rows, segment_rows, reject_rows, requests)"
                            + " values (?, 0, 0, ?, 0, 0, 0)",
                    id,
                    keys);
            handle.execute(
                    "insert into staged_usage select ?, 0, 0, " + HOUR
                            + ", k, 'items', 'success', 120, 120, 0, 1000, 50" + " from generate_series(1, ?) k",
                    id,
                    keys);
            return id;
        });
        return jdbi.inTransaction(handle -> {
            handle.execute("set local work_mem = '64MB'");
            long began = System.nanoTime();
            long version = ControlVersion.hold(handle) + 1;
            long flags = LimitEvaluation.batch(handle, batch, version, NOW, NOW);
            ControlVersion.next(handle);
            say("round %d: %,d flags raised, %,d keys evaluated in %.2f s", round, flags, keys, seconds(began));
            return version;
        });
    }

    private static Snapshot load(SnapshotStore snapshots, Snapshot old) throws SnapshotRefusedException {
        SnapshotIntake intake = new SnapshotIntake(old, old.version() == 0, false, -1);
        snapshots.read(intake.since(), NOW, intake);
        return old.with(intake.change(), NOW);
    }

    private static Snapshot applied(SnapshotStore snapshots, Snapshot whole, long before, long version)
            throws SnapshotRefusedException {
        // As it was before the flags: the same keys, no flag.
        Snapshot old = whole.with(
                new SnapshotChange(
                        whole.database(),
                        before,
                        false,
                        KeyTable.EMPTY,
                        new LimitChanges(
                                List.of(),
                                List.of(),
                                whole.flags().all().stream()
                                        .map(flag -> new LimitChanges.Change<>(flag, true))
                                        .toList())),
                NOW);
        long began = System.nanoTime();
        SnapshotIntake intake = new SnapshotIntake(old, false, false, -1);
        snapshots.read(before, NOW, intake);
        double read = seconds(began);
        began = System.nanoTime();
        Snapshot next = old.with(intake.change(), NOW);
        say(
                "  an edge at version %d gets version %d: %,d flags read and checked in %.3f s, applied in %.3f s",
                before, version, next.flagCount(), read, seconds(began));
        return next;
    }

    /** What requests at a real edge took while nothing happened, while the batch was evaluated, and while the edge took its flags. */
    private static void requestsMeanwhile(String jdbcUrl, Jdbi jdbi, int keys, Path folder) throws Exception {
        Files.createDirectories(folder);
        List<long[]> took = new ArrayList<>();
        AtomicBoolean done = new AtomicBoolean();
        try (RunningEdge edge = new RunningEdge(folder, jdbcUrl, () -> NOW);
                RawHttp http = new RawHttp(edge.address())) {
            Thread client = new Thread(() -> ask(http, took, done));
            client.start();
            TimeUnit.SECONDS.sleep(8);
            long evaluates = System.nanoTime();
            evaluate(jdbi, keys, 6);
            long committed = System.nanoTime();
            Until.isTrue(
                    "the edge has them",
                    () -> edge.lines().stream().anyMatch(line -> line.contains(keys + " flags raised")));
            long held = System.nanoTime();
            TimeUnit.SECONDS.sleep(1);
            done.set(true);
            client.join();
            say(
                    "requests at 1,000/s, p50 and p99: before %s ms; while the batch is evaluated %s ms; in the %.2f s from the"
                            + " commit to the flags in use %s ms",
                    percentiles(took, evaluates - TimeUnit.SECONDS.toNanos(4), evaluates),
                    percentiles(took, evaluates, committed),
                    (held - committed) / 1e9,
                    percentiles(took, committed, held));
        }
    }

    private static void ask(RawHttp http, List<long[]> took, AtomicBoolean done) {
        long due = System.nanoTime();
        try {
            while (!done.get()) {
                TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
                long start = System.nanoTime();
                http.send(RawHttp.get("/v1/items/1", "X-API-Key: secret 1")).receive();
                took.add(new long[] {start, System.nanoTime() - due});
                due += TimeUnit.MILLISECONDS.toNanos(1);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** From the moment that each was due. */
    private static String percentiles(List<long[]> took, long from, long to) {
        long[] sorted = took.stream()
                .filter(each -> each[0] >= from && each[0] < to)
                .mapToLong(each -> each[1])
                .sorted()
                .toArray();
        return String.format(
                Locale.ROOT, "%.2f, %.2f", sorted[sorted.length / 2] / 1e6, sorted[sorted.length * 99 / 100] / 1e6);
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
