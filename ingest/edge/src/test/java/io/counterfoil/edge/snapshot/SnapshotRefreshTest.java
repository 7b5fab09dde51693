package io.counterfoil.edge.snapshot;

import io.counterfoil.edge.testing.SettableClock;
import io.counterfoil.edge.testing.Until;
import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.ApiKeyText;
import io.counterfoil.sql.account.KeyLifeStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.KeyStore.NewKey;
import io.counterfoil.sql.hours.EdgeRosterStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Against a real database, also one that goes away, was restored, or is another one. */
class SnapshotRefreshTest {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Instant NOW = Instant.parse("2026-11-23T14:30:00Z");

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(NOW);
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private TestDatabase database;

    @Test
    void servesOnWhileTheServerIsStoppedAndCatchesUpOnceItIsBack() throws Exception {
        try (TestDatabase.OwnServer server = new TestDatabase.OwnServer(folder.resolve("postgres"))) {
            database = server.database();
            createKeys(1, 2);
            Jdbi jdbi = database.jdbi();
            try (SnapshotRefresh refresh = open(OptionalLong.empty())) {
                refresh.start();
                server.stop();
                Until.isTrue("it is noticed", () -> refresh.stats().databaseDown());
                clock.set(NOW.plusSeconds(60));
                assertThat(knows(refresh, 1)).isTrue();
                assertThat(refresh.stats().age()).isEqualTo(Duration.ofSeconds(60));

                server.startAgain();
                Until.isTrue("it is back", () -> !refresh.stats().databaseDown());
                new KeyLifeStore(jdbi).disable("key-1", NOW);
                Until.isTrue("the key is gone", () -> !knows(refresh, 1));
                assertThat(knows(refresh, 2)).isTrue();
                assertThat(refresh.stats().age()).isZero();
                assertThat(refresh.stats().keys()).isEqualTo(1);
                assertThat(refresh.stats().lastLoad()).isPositive();
            }
        }
        assertThat(lines)
                .filteredOn(line -> line.contains("cannot be refreshed"))
                .hasSize(1);
        assertThat(lines)
                .filteredOn(line -> line.contains("is refreshed again"))
                .hasSize(1);
        try (SnapshotRefresh refresh = open(OptionalLong.empty())) {
            assertThat(lines.get(lines.size() - 1)).contains("snapshot cannot be refreshed, serving on by version");
            assertThat(knows(refresh, 1)).as("disabled before the server went").isFalse();
            assertThat(knows(refresh, 2)).isTrue();
        }
    }

    @Test
    void aSecretEndsByTheEdgesOwnClockWithTheDatabaseAway() throws Exception {
        database = TestDatabase.fresh();
        createKeys(1, 1);
        new KeyLifeStore(database.jdbi()).rotate("key-1", KeyStore.hash("new"), NOW.plusSeconds(60), NOW);
        open(OptionalLong.empty()).close();
        database = null;
        try (SnapshotRefresh refresh = open(OptionalLong.empty())) {
            assertThat(knows(refresh, 1)).isTrue();
            clock.set(NOW.plusSeconds(60));
            assertThat(knows(refresh, 1)).isFalse();
            assertThat(knows(refresh, "new")).isTrue();
        }
    }

    @Test
    void aDatabaseThatWasRestoredFromABackupIsRefusedUntilAnOperatorAcceptsIt() throws Exception {
        database = TestDatabase.fresh();
        createKeys(1, 3);
        open(OptionalLong.empty()).close();
        new KeyLifeStore(database.jdbi()).disable("key-2", NOW);
        open(OptionalLong.empty()).close();
        long inUse = version();
        // As the backup has it: the disabled key is valid, the version is the one from before.
        sql("update api_key set disabled_at = null, version = " + (inUse - 1) + " where label = 'key-2'");
        sql("update control_version set v = " + (inUse - 1));
        lines.clear();
        try (SnapshotRefresh refresh = open(OptionalLong.empty())) {
            refresh.start();
            assertThat(knows(refresh, 2)).isFalse();
            sql("update control_version set v = v + 1");
            wake();
            Until.isTrue("the second is refused too", () -> refresh.stats().refused() >= 2);
            assertThat(knows(refresh, 2)).as("equal numbers, another history").isFalse();
            assertThat(refresh.stats().version()).isEqualTo(inUse);
            assertThat(refresh.stats().refused()).isEqualTo(2);
        }
        assertThat(lines)
                .hasSize(1)
                .first()
                .asString()
                .isEqualTo("ALARM snapshot version " + (inUse - 1)
                        + " is refused, version " + inUse + " stays: it is not newer than version " + inUse
                        + ", the one in use: the database was restored from a backup, and keys that were disabled since would be"
                        + " valid again; if it is meant so, start the edge with --accept-snapshot " + (inUse - 1));
        sql("update control_version set v = " + (inUse - 1));
        try (SnapshotRefresh refresh = open(OptionalLong.of(inUse - 1))) {
            assertThat(refresh.stats().version()).isEqualTo(inUse - 1);
            assertThat(knows(refresh, 2)).isTrue();
            assertThat(lines.toString())
                    .contains("is accepted as " + (inUse - 1) + " was named to be, though it is not");
        }
        try (SnapshotRefresh refresh = open(OptionalLong.empty())) {
            assertThat(refresh.stats().version()).as("kept on disk").isEqualTo(inUse - 1);
        }
        sql("update control_version set v = " + (inUse - 2));
        try (SnapshotRefresh refresh = open(OptionalLong.of(inUse - 1))) {
            assertThat(refresh.stats().version()).isEqualTo(inUse - 1);
            assertThat(refresh.stats().refused()).isEqualTo(1);
        }
        try (SnapshotRefresh refresh = open(OptionalLong.of(inUse - 2))) {
            assertThat(refresh.stats().version()).as("another one is named").isEqualTo(inUse - 2);
        }
        sql("update control_version set v = " + (inUse - 3));
        try (SnapshotRefresh refresh = open(OptionalLong.of(inUse - 2))) {
            assertThat(refresh.stats().version()).as("counts once").isEqualTo(inUse - 2);
        }
    }

    @Test
    void whatTheDiskDoesNotTakeIsUsedAlarmedAndKeptOnceItDoes() throws Exception {
        database = TestDatabase.fresh();
        createKeys(1, 2);
        try (SnapshotRefresh refresh = open(OptionalLong.empty())) {
            Path inTheWay = folder.resolve(".snapshot.bin.tmp/x");
            Files.delete(folder.resolve("snapshot.bin"));
            Files.createDirectories(inTheWay);
            refresh.start();
            disable("label = 'key-1'");
            Until.isTrue("it is refused", () -> !knows(refresh, 1));
            disable("label = 'key-3'");
            wake();
            Until.isTrue(
                    "it is alarmed", () -> lines.stream().anyMatch(line -> line.contains("cannot be kept on disk")));
            // In one step: an empty folder in the way is one that the edge itself clears.
            Files.move(inTheWay.getParent(), folder.resolve("away"));
            Until.isTrue("it is kept", () -> lines.stream().anyMatch(line -> line.contains("is kept on disk")));
        }
        assertThat(lines).filteredOn(line -> line.startsWith("ALARM")).hasSize(1);
        database = null;
        try (SnapshotRefresh refresh = open(OptionalLong.empty())) {
            assertThat(knows(refresh, 1)).isFalse();
            assertThat(knows(refresh, 2)).isTrue();
        }
    }

    @Test
    void aNewEdgeThatCannotBePutOnTheRosterStaysNew() {
        database = TestDatabase.fresh();
        createKeys(1, 1);
        sql("alter table edge_roster rename to edge_roster_away");
        assertThatThrownBy(() -> open(OptionalLong.empty()))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(4));
        assertThat(folder.resolve("snapshot.bin")).doesNotExist();
    }

    @Test
    void anEdgeIsOnTheRosterWithTheEpochThatItBegan() throws Exception {
        database = TestDatabase.fresh();
        createKeys(1, 1);
        SnapshotSource source =
                new SnapshotSource("edge-1", database.jdbcUrl(), clock).inEpoch("1793527200-000000000000000b");
        SnapshotRefresh.open(source, folder, POLL, clock, lines::add).close();

        List<String> roster = database.jdbi()
                .withHandle(handle -> handle.createQuery("select edge || ' ' || first_epoch from edge_roster")
                        .mapTo(String.class)
                        .list());
        assertThat(roster).containsExactly("edge-1 1793527200-000000000000000b");
    }

    @Test
    void onlyTheOwnerMayReadIt() throws Exception {
        database = TestDatabase.fresh();
        createKeys(1, 1);
        open(OptionalLong.empty()).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("snapshot.bin"))))
                .isEqualTo("rw-------");
    }

    @Test
    void theLossOfMostKeysIsAlarmedOnceAndAcceptedByItsVersion() throws Exception {
        database = TestDatabase.fresh();
        createKeys(1, 120);
        try (SnapshotRefresh refresh = open(OptionalLong.empty())) {
            refresh.start();
            disable("key_id <= 61");
            Until.isTrue("it is refused", () -> refresh.stats().refused() == 1);
            disable("key_id = 120");
            Until.isTrue("and so is what follows", () -> refresh.stats().refused() == 2);
            assertThat(refresh.stats().keys()).isEqualTo(120);
            assertThat(knows(refresh, 1)).isTrue();
        }
        assertThat(lines)
                .filteredOn(line -> line.startsWith("ALARM"))
                .hasSize(1)
                .first()
                .asString()
                .contains("61 of the 120 keys in use are gone at once, expected at most half")
                .contains("--accept-snapshot " + (version() - 1));
        try (SnapshotRefresh refresh = open(OptionalLong.of(version() - 1))) {
            assertThat(refresh.stats().keys()).isEqualTo(58);
        }
        disable("key_id between 62 and 90");
        disable("key_id between 91 and 119");
        lines.clear();
        try (SnapshotRefresh refresh = open(OptionalLong.empty())) {
            assertThat(refresh.stats().keys()).as("58 are not many").isZero();
        }
        assertThat(lines).filteredOn(line -> line.startsWith("ALARM")).isEmpty();
    }

    @Test
    void anAbsurdChangeIsRefusedUntilItIsMended() throws Exception {
        database = TestDatabase.fresh();
        createKeys(1, 1);
        createKeys(2, 2);
        sql("alter table api_key drop constraint api_key_label_check");
        try (SnapshotRefresh refresh = open(OptionalLong.empty())) {
            refresh.start();
            change("label = ''", "label = 'key-2'");
            Until.isTrue("it is refused", () -> refresh.stats().refused() == 1);
            change("plan_id = null", "label = ''");
            Until.isTrue("still", () -> refresh.stats().refused() == 2);
            change("label = 'key-2'", "label = ''");
            Until.isTrue("it is mended", () -> refresh.stats().version() == version());
        }
        assertThat(lines)
                .filteredOn(line -> line.startsWith("ALARM"))
                .hasSize(1)
                .first()
                .asString()
                .contains("key 2 has no label of 1 to 128 printable characters")
                .doesNotContain("--accept-snapshot");
    }

    @Test
    void anotherDatabaseIsRefusedAndNotRegisteredWith() throws Exception {
        database = TestDatabase.fresh();
        createKeys(1, 1);
        open(OptionalLong.empty()).close();
        database = TestDatabase.fresh();
        createKeys(1, 5);
        try (SnapshotRefresh refresh = open(OptionalLong.of(1))) {
            assertThat(refresh.stats().keys()).isEqualTo(1);
        }
        assertThat(lines.get(lines.size() - 1))
                .startsWith("ALARM")
                .contains("it comes from database ")
                .contains("mend COUNTERFOIL_DATABASE_URL");
        assertThat(new EdgeRosterStore(database.jdbi()).contains("edge-1")).isFalse();
    }

    @Test
    void aCorruptFileIsLoadedAnewWhereTheDatabaseIsUpAndStopsTheEdgeWhereItIsNot() throws Exception {
        database = TestDatabase.fresh();
        createKeys(1, 1);
        open(OptionalLong.empty()).close();
        TestDatabase up = database;
        Path file = folder.resolve("snapshot.bin");
        byte[] bytes = Files.readAllBytes(file);
        bytes[100] ^= 1;
        Files.write(file, bytes);
        database = null;
        assertThatThrownBy(() -> open(OptionalLong.empty()))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
                .hasMessageContaining("snapshot.bin is corrupt")
                .hasMessageContaining("database cannot be reached");
        database = up;
        try (SnapshotRefresh refresh = open(OptionalLong.empty())) {
            assertThat(knows(refresh, 1)).isTrue();
        }
        assertThat(lines.get(lines.size() - 1))
                .startsWith("ALARM snapshot file")
                .contains("was loaded from the database");
        database = null;
        try (SnapshotRefresh refresh = open(OptionalLong.empty())) {
            assertThat(knows(refresh, 1)).isTrue();
        }
    }

    private SnapshotRefresh open(OptionalLong accept) throws Exception {
        String url = database == null ? "jdbc:postgresql://127.0.0.1:1/none?user=u" : database.jdbcUrl();
        SnapshotSource source = new SnapshotSource("edge-1", url, clock);
        SnapshotRefresh refresh =
                SnapshotRefresh.open(source, new SnapshotSettings(folder, POLL, accept), clock, lines::add);
        refresh.askOnce();
        return refresh;
    }

    private void createKeys(int from, int to) {
        long account = new AccountStore(database.jdbi()).ensure("Acme", NOW);
        List<NewKey> keys = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            keys.add(new NewKey(account, Optional.empty(), "key-" + i, Optional.of(KeyStore.hash("key-" + i)), "test"));
        }
        new KeyStore(database.jdbi()).create(keys, NOW);
    }

    private void disable(String which) {
        change("disabled_at = now()", which);
    }

    private void change(String set, String which) {
        database.jdbi().useTransaction(handle -> {
            handle.execute("update api_key set version = 0, " + set + " where " + which);
            long version = ControlVersion.next(handle);
            handle.execute("update api_key set version = ? where version = 0", version);
            ControlVersion.wakeEdges(handle, version);
        });
    }

    private void wake() {
        database.jdbi().useTransaction(handle -> ControlVersion.wakeEdges(handle, 0));
    }

    private void sql(String sql) {
        database.jdbi().useHandle(handle -> handle.execute(sql));
    }

    private long version() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select v from control_version")
                        .mapTo(Long.class)
                        .one());
    }

    private boolean knows(SnapshotRefresh refresh, int key) {
        return knows(refresh, "key-" + key);
    }

    private boolean knows(SnapshotRefresh refresh, String text) {
        Snapshot snapshot = refresh.current().get();
        ByteBuffer hash = ByteBuffer.wrap(ApiKeyText.sha256(text));
        long found = snapshot.find(hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong());
        return found >= 0 && snapshot.holds(found, clock);
    }
}
