package io.counterfoil.sql.testing;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.Migrations;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.jdbi.v3.core.Jdbi;

import javax.sql.DataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A migrated, empty database of its own on a real server, which the tests of one JVM share. */
public final class TestDatabase {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static EmbeddedPostgres server;
    private static String template;

    private final String jdbcUrl;

    private TestDatabase(String jdbcUrl) {
        this.jdbcUrl = jdbcUrl;
    }

    /** Starts the server where it does not run yet; it stops with the JVM. Migrated once a JVM, copied after that. */
    public static TestDatabase fresh() {
        String name = "test_" + COUNT.incrementAndGet();
        Jdbi.create(server().getPostgresDatabase()).useHandle(handle -> {
            handle.execute("create database " + name + " template " + template());
        });
        TestDatabase database = new TestDatabase(server().getJdbcUrl("postgres", name));
        // Else all would be the same one.
        database.jdbi().useHandle(handle -> handle.execute("update database_identity set id = default"));
        return database;
    }

    private static synchronized String template() {
        if (template == null) {
            TestDatabase migrated = withoutTables();
            Migrations.migrate(migrated.source());
            template = migrated.jdbi()
                    .withHandle(handle -> handle.createQuery("select current_database()")
                            .mapTo(String.class)
                            .one());
        }
        return template;
    }

    /** As {@link #fresh()}, not migrated. */
    public static TestDatabase withoutTables() {
        EmbeddedPostgres postgres = server();
        String name = "test_" + COUNT.incrementAndGet();
        Jdbi.create(postgres.getPostgresDatabase()).useHandle(handle -> handle.execute("create database " + name));
        return new TestDatabase(postgres.getJdbcUrl("postgres", name));
    }

    /** On a server of its own, that a test can stop and start again. */
    public static final class OwnServer implements AutoCloseable {
        private final Path folder;
        private EmbeddedPostgres server;

        /** Starts it. */
        public OwnServer(Path folder) throws IOException {
            this.folder = folder;
            server = start(0);
        }

        public TestDatabase database() {
            TestDatabase database = new TestDatabase(server.getJdbcUrl("postgres", "postgres"));
            Migrations.migrate(database.source());
            return database;
        }

        /** Ends the server and its sessions. */
        public void stop() throws IOException {
            server.close();
        }

        /** Ends the server as a crash does: nothing more is written, the next start recovers, unlogged tables are empty then. */
        public void crash() throws IOException, InterruptedException {
            String pid = Files.readAllLines(folder.resolve("postmaster.pid")).get(0);
            ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
            // An immediate shutdown.
            new ProcessBuilder("kill", "-QUIT", pid).start().waitFor();
            postmaster.onExit().join();
            server.close();
        }

        /** On the same port, with the same data. */
        public void startAgain() throws IOException {
            server = start(server.getPort());
        }

        private EmbeddedPostgres start(int port) throws IOException {
            return EmbeddedPostgres.builder()
                    .setDataDirectory(folder)
                    .setCleanDataDirectory(false)
                    .setPort(port)
                    // As every server has it, but this one's builder: else a crash takes back what was committed.
                    .setServerConfig("synchronous_commit", "on")
                    .start();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static synchronized EmbeddedPostgres server() {
        if (server == null) {
            try {
                server = EmbeddedPostgres.builder().start();
            } catch (IOException e) {
                throw new UncheckedIOException("the tests' Postgres does not start", e);
            }
        }
        return server;
    }

    public String jdbcUrl() {
        return jdbcUrl;
    }

    /** Of another user of the server, who needs no password. */
    public String jdbcUrlOf(String user) {
        return jdbcUrl.replace("user=postgres", "user=" + user);
    }

    /** What is counted: by "hour key route outcome", the hour in seconds, requests, units, bytes in, bytes out, duration. */
    public SortedMap<String, List<Long>> usage() {
        SortedMap<String, List<Long>> usage = new TreeMap<>();
        jdbi().useHandle(handle -> handle.createQuery(
                        "select extract(epoch from hour)::bigint || ' ' || key_id || ' ' || route"
                                + " || ' ' || outcome as name, * from usage_hourly")
                .map((row, context) -> Map.entry(
                        row.getString("name"),
                        List.of(
                                row.getLong("requests"),
                                row.getLong("units"),
                                row.getLong("bytes_in"),
                                row.getLong("bytes_out"),
                                row.getLong("duration_us"))))
                .forEach(entry -> usage.put(entry.getKey(), entry.getValue())));
        return usage;
    }

    /** An account with keys of the numbers 1 to 9 on a plan with a limit of every window, measure and scope; before any other key. */
    public void limitEveryKey() {
        jdbi().useHandle(handle -> {
            handle.execute("insert into account (name, created_at) values ('limited', now())");
            handle.execute("insert into plan (name, created_at) values ('every-limit', now())");
            handle.execute("insert into plan_limit (plan_id, time_window, measure, quota, action, scope, version)"
                    + " select plan_id, w, m, 100, 'warn', s, 1 from plan, unnest(array['hour', 'day', 'period']) w,"
                    + " unnest(array['requests', 'units', 'bytes_out']) m, unnest(array['key', 'account']) s");
            handle.execute("insert into api_key (account_id, plan_id, label, label_sha256, created_at, version)"
                    + " select account_id, plan_id, 'key-' || i, sha256(('key-' || i)::bytea), now(), 1"
                    + " from account, plan, generate_series(1, 9) i order by i");
        });
    }

    /**
     * Where limit_usage is not what usage_hourly adds up to, in windows that have not passed: "limit subject window used sum", none
     * where all is well.
     */
    public List<String> limitFaults(Instant now) {
        return jdbi().withHandle(handle -> handle.createQuery("with counted as ("
                        + " select l.limit_id, case l.scope when 'key' then k.key_id else k.account_id end as subject_id,"
                        + " date_trunc(case l.time_window when 'period' then 'month' else l.time_window end, h.hour, 'UTC')"
                        + " as window_start, sum(case l.measure when 'requests' then h.requests when 'units' then h.units"
                        + " else h.bytes_out end) as used"
                        + " from usage_hourly h join api_key k using (key_id) join plan p using (plan_id)"
                        + " join plan_limit l using (plan_id)"
                        + " where l.ended_at is null and h.outcome = any (p.billable_outcomes)"
                        + " and left(h.route, 12) <> 'counterfoil.' group by 1, 2, 3)"
                        + " select limit_id || ' ' || subject_id || ' ' || window_start || ' ' || coalesce(u.used, 0) || ' '"
                        + " || coalesce(c.used, 0) from counted c"
                        + " full join limit_usage u using (limit_id, subject_id, window_start)"
                        + " join plan_limit l using (limit_id)"
                        + " where window_start + ('1 ' || case l.time_window when 'period' then 'month' else l.time_window end)"
                        + "::interval > :now and coalesce(u.used, 0) <> coalesce(c.used, 0)")
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .mapTo(String.class)
                .list());
    }

    /** How many rows tasks left in staging. */
    public long stagedRows() {
        return jdbi().withHandle(handle -> handle.createQuery("select (select count(*) from staged_usage)"
                        + " + (select count(*) from staged_segment) + (select count(*) from staged_reject)")
                .mapTo(Long.class)
                .one());
    }

    public DataSource source() {
        return DatabaseAccess.dataSource(jdbcUrl);
    }

    public Jdbi jdbi() {
        return DatabaseAccess.jdbi(source());
    }
}
