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
