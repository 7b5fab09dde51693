package io.counterfoil.sql;

import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import io.counterfoil.sql.snapshot.SnapshotStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class MigrationsTest {
    private final TestDatabase database = TestDatabase.fresh();

    @Test
    void migratingAgainChangesNothing() {
        long version = version();
        Migrations.migrate(database.source());

        assertThat(version()).isEqualTo(version).isEqualTo(1);
    }

    @Test
    void aDatabaseOfANewerCounterfoilIsRefused() {
        database.jdbi()
                .useHandle(
                        handle -> handle.execute(
                                "insert into counterfoil_migration (installed_rank, version,"
                                        + " description, type, script, installed_by, execution_time, success)"
                                        + " values (99, '9999', 'from the future', 'SQL', 'V9999__from_the_future.sql', 'test', 1, true)"));

        assertThatThrownBy(() -> Migrations.migrate(database.source()))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
                .hasMessageContaining("database has migration 9999 (from the future)")
                .hasMessageContaining("use the newer Counterfoil");
    }

    @Test
    void aServerThatIsNotThereIsDownAndItsPasswordIsNotShown() {
        assertThatThrownBy(() -> Migrations.migrate(
                        DatabaseAccess.dataSource("jdbc:postgresql://127.0.0.1:1/x?user=u&password=hidden")))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(4))
                .message()
                .contains("database cannot be reached")
                .doesNotContain("hidden");
    }

    @Test
    void aMigrationThatWasChangedOrCannotRunIsCorrupt() {
        TestDatabase foreign = TestDatabase.withoutTables();
        foreign.jdbi().useHandle(handle -> handle.execute("create table account (name text)"));
        database.jdbi()
                .useHandle(
                        handle -> handle.execute("update counterfoil_migration set checksum = 7 where version = '2'"));

        assertThatThrownBy(() -> Migrations.migrate(database.source()))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
                .hasMessageContaining("database has migration 2 (ledger usage flags) with another checksum");
        assertThatThrownBy(() -> Migrations.migrate(foreign.source()))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
                .hasMessageContaining("database's tables cannot be migrated, nothing was changed: ");
    }

    @Test
    void theKeysOfAnOlderDatabaseKeepTheirHashes() {
        TestDatabase older = TestDatabase.withoutTables();
        Flyway.configure()
                .dataSource(older.source())
                .locations("classpath:io/counterfoil/sql/migration")
                .table("counterfoil_migration")
                .target("2")
                .load()
                .migrate();
        older.jdbi().useHandle(handle -> {
            handle.execute("insert into account (name, created_at) values ('Acme', now())");
            handle.execute(
                    "insert into api_key (account_id, label, label_sha256, sha256, created_at, version)"
                            + " values (1, 'one', sha256('one'), sha256('text'), now(), 2), (1, 'two', sha256('two'), null, now(), 2)");
        });
        Migrations.migrate(older.source());

        assertThat(new KeyStore(older.jdbi()).byHash(List.of(KeyStore.hash("text"))))
                .containsExactly(Map.entry(KeyStore.hash("text"), 1L));
        assertThat(new SnapshotStore(older.jdbi())
                        .changesSince(0, Instant.now())
                        .keys())
                .extracting(KeyRow::label)
                .containsExactly("one");
    }

    @Test
    void edgesOfAnOlderDatabaseAreWaitedForFromTheMigrationOnAndItsSourcesFromTheirFirstRecord() {
        TestDatabase older = TestDatabase.withoutTables();
        Flyway.configure()
                .dataSource(older.source())
                .locations("classpath:io/counterfoil/sql/migration")
                .table("counterfoil_migration")
                .target("4")
                .load()
                .migrate();
        Instant before = Instant.now();
        older.jdbi().useHandle(handle -> {
            handle.execute("insert into edge_roster (edge, registered_at, retired_at)"
                    + " values ('edge-1', '2026-01-01Z', null), ('edge-2', '2026-01-01Z', '2026-02-01Z')");
            handle.execute("insert into batch (planned_at) values (now())");
            handle.execute(
                    "insert into ledger (edge, epoch, stream, number, batch_id, verdict, counted, rejected, first_seq,"
                            + " last_seq, first_ts_us, last_ts_us, through_us, end_of_stream, sha256, imported) values"
                            + " ('blog', '1-1', 0, 1, 1, 'counted', 2, 0, 1, 2, 1455944520000000, 1455944520000000, 0, false, '', true),"
                            + " ('old', '1-1', 0, 1, 1, 'counted', 2, 0, 1, 2, 1455944520000000, 1455944520000000, 0, false, '', null)");
        });
        Migrations.migrate(older.source());

        List<String> edges = older.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "select edge from edge_roster where since > :before and first_epoch is null")
                        .bind("before", before.minusSeconds(5).atOffset(ZoneOffset.UTC))
                        .mapTo(String.class)
                        .list());
        List<String> sources = older.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "select source || ' ' || extract(epoch from since)::bigint from source")
                        .mapTo(String.class)
                        .list());

        assertThat(edges).containsExactly("edge-1");
        assertThat(sources)
                .containsExactly("blog " + Instant.parse("2016-02-20T05:00:00Z").getEpochSecond());
    }

    @Test
    void partitionsAreMonthsOfUtcWhereverTheSessionStands() {
        database.jdbi().useHandle(handle -> {
            handle.execute("set timezone = 'Pacific/Auckland'");
            handle.execute("select create_usage_partition('2016-02-29T23:59:59Z'::timestamptz)");
            handle.execute("select create_usage_partition('2016-02-01T00:00:00Z'::timestamptz)");
            handle.execute("set timezone = 'UTC'");
        });
        String bounds = database.jdbi().withHandle(handle -> {
            handle.execute("set timezone = 'UTC'");
            return handle.createQuery("select string_agg(c.relname || ' ' || pg_get_expr(c.relpartbound, c.oid), '; ')"
                            + " from pg_inherits i join pg_class c on c.oid = i.inhrelid"
                            + " where i.inhparent = 'usage_hourly'::regclass and c.relname < 'usage_hourly_2026'")
                    .mapTo(String.class)
                    .one();
        });

        assertThat(bounds)
                .isEqualTo(
                        "usage_hourly_201602 FOR VALUES FROM ('2016-02-01 00:00:00+00') TO ('2016-03-01 00:00:00+00')");
    }

    private long version() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select v from control_version")
                        .mapTo(Long.class)
                        .one());
    }
}
