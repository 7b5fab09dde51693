package io.counterfoil.sql.testing;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.Migrations;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.jdbi.v3.core.Jdbi;

import javax.sql.DataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A migrated, empty database of its own on a real server, which the tests of one JVM share. */
public final class TestDatabase {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static EmbeddedPostgres server;

    private final String jdbcUrl;

    private TestDatabase(String jdbcUrl) {
        this.jdbcUrl = jdbcUrl;
    }

    /** Starts the server where it does not run yet; it stops with the JVM. */
    public static TestDatabase fresh() {
        TestDatabase database = withoutTables();
        Migrations.migrate(database.source());
        return database;
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

        /** On the same port, with the same data. */
        public void startAgain() throws IOException {
            server = start(server.getPort());
        }

        private EmbeddedPostgres start(int port) throws IOException {
            return EmbeddedPostgres.builder()
                    .setDataDirectory(folder)
                    .setCleanDataDirectory(false)
                    .setPort(port)
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

    public DataSource source() {
        return DatabaseAccess.dataSource(jdbcUrl);
    }

    public Jdbi jdbi() {
        return DatabaseAccess.jdbi(source());
    }
}
