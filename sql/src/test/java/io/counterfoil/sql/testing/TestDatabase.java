package io.counterfoil.sql.testing;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.Migrations;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.jdbi.v3.core.Jdbi;

import javax.sql.DataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
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
        EmbeddedPostgres postgres = server();
        String name = "test_" + COUNT.incrementAndGet();
        Jdbi.create(postgres.getPostgresDatabase()).useHandle(handle -> handle.execute("create database " + name));
        TestDatabase database = new TestDatabase(postgres.getJdbcUrl("postgres", name));
        Migrations.migrate(database.source());
        return database;
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

    public DataSource source() {
        return DatabaseAccess.dataSource(jdbcUrl);
    }

    public Jdbi jdbi() {
        return DatabaseAccess.jdbi(source());
    }
}
