package io.counterfoil.schedules.home;

import io.counterfoil.sql.OperatorException;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Real processes, a real server. */
class DatabaseTest {
    private static final int STOP_SECONDS = 20;

    @TempDir
    static Path binaries;

    @TempDir
    Path folder;

    /** A keeper that still stops its server writes into the folder that JUnit deletes. */
    @AfterEach
    void waitForTheKeeper() {
        home().wipe();
    }

    @Test
    void isSharedByCommandsAndStopsWithTheLast() throws Exception {
        ProcessHandle server;
        try (DatabaseCommand last = DatabaseCommand.start(home())) {
            String url;
            try (DatabaseCommand first = DatabaseCommand.start(home())) {
                url = last.jdbcUrl();
                assertThat(first.jdbcUrl()).isEqualTo(url);
                server = postmaster();
            }
            assertThat(one(url, "select 'still here'")).isEqualTo("still here");
        }
        assertStops(server);
        assertThat(PostgresFiles.of(home()).urlFile()).doesNotExist();
    }

    @Test
    void stopsWhenItsLastUserIsKilled() throws Exception {
        DatabaseCommand command = DatabaseCommand.start(home());
        command.jdbcUrl();
        ProcessHandle server = postmaster();

        command.kill();

        assertStops(server);
    }

    @Test
    void stopsWhenItsHomeWasDeleted() throws Exception {
        ProcessHandle server;
        Path moved = folder.resolveSibling(folder.getFileName() + ".deleted");
        try (Database database = open()) {
            server = postmaster();
            // A move takes all of it away at once; the server would otherwise write while it is deleted.
            Files.move(folder, moved);
        }
        assertStops(server);
        PathUtils.deleteDirectory(moved);
    }

    @Test
    void outlivesItsKilledKeeperAndIsTakenOver() throws Exception {
        ProcessHandle server;
        try (Database before = open()) {
            execute(before.jdbcUrl(), "create table kept as select 'written before' as what");
            server = postmaster();
            kill(keeper());

            try (DatabaseCommand after = DatabaseCommand.start(home())) {
                assertThat(after.jdbcUrl()).isEqualTo(before.jdbcUrl());
                assertThat(one(before.jdbcUrl(), "select what from kept")).isEqualTo("written before");
            }
        }
        assertStops(server);
    }

    @Test
    void recoversWhatItCommittedWhenKeeperAndServerAreKilled() throws Exception {
        try (Database before = open()) {
            execute(before.jdbcUrl(), "create table kept as select 'committed' as what");
            kill(keeper());
            kill(postmaster());
        }

        try (Database after = open()) {
            assertThat(one(after.jdbcUrl(), "select what from kept")).isEqualTo("committed");
        }
    }

    @Test
    void replacesAServerThatDiedUnderItsKeeper() throws Exception {
        try (Database before = open()) {
            ProcessHandle keeper = keeper();
            kill(postmaster());
            keeper.onExit().get(STOP_SECONDS, TimeUnit.SECONDS);

            try (Database after = open()) {
                assertThat(one(after.jdbcUrl(), "select 'again'")).isEqualTo("again");
                assertThat(after.jdbcUrl()).isNotEqualTo(before.jdbcUrl());
            }
        }
    }

    @Test
    void neverHandsOutAServerThatIsStopping() throws Exception {
        for (int i = 0; i < 4; i++) {
            // Each round comes while the keeper of the last one takes the server down.
            try (Database database = open();
                    Connection connection = DriverManager.getConnection(database.jdbcUrl())) {
                assertThat(connection.isValid(STOP_SECONDS)).isTrue();
            }
        }
    }

    @Test
    void isNotStoppedByCtrlCOrAClosedTerminal() throws Exception {
        try (Database database = open()) {
            ProcessHandle keeper = keeper();
            signal("INT", keeper);
            signal("HUP", keeper);

            try (Database second = open()) {
                assertThat(keeper()).isEqualTo(keeper);
                assertThat(one(second.jdbcUrl(), "select 'up'")).isEqualTo("up");
            }
            assertThat(one(database.jdbcUrl(), "select 'up'")).isEqualTo("up");
        }
    }

    @Test
    void syncsWhatItCommitsAndServesThisMachinesOwnerOnly() throws Exception {
        try (Database database = open()) {
            String url = database.jdbcUrl();
            assertThat(one(url, "show fsync")).isEqualTo("on");
            assertThat(one(url, "show synchronous_commit")).isEqualTo("on");
            assertThat(one(url, "show full_page_writes")).isEqualTo("on");
            assertThat(one(url, "show listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(one(url, "show log_timezone")).isEqualTo("UTC");
            assertThat(one(url, "show server_encoding")).isEqualTo("UTF8");
            assertThatThrownBy(() -> one(url.replaceAll("password=.*", "password=guess"), "select 1"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(
                            PostgresFiles.of(home()).urlFile())))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void namesTheServersComplaintWhereItDoesNotStart() throws Exception {
        ProcessHandle server;
        try (Database database = open()) {
            server = postmaster();
        }
        assertStops(server);
        Files.writeString(PostgresFiles.of(home()).data().resolve("PG_VERSION"), "9.6\n");

        assertThatThrownBy(this::open)
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("cannot start the embedded PostgreSQL of " + folder)
                .hasMessageContaining("version 9.6")
                .hasMessageContaining("--database");
    }

    @Test
    void wipesADemosHomeOnlyWhileNobodyUsesIt() throws Exception {
        Home demo = new Home(folder, binaries);
        try (DatabaseCommand command = DatabaseCommand.start(demo)) {
            command.jdbcUrl();
            Files.writeString(demo.landing().resolve("segment"), "data");

            assertThatThrownBy(demo::wipe)
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("another command uses its database");
            assertThat(demo.landing().resolve("segment")).exists();
        }

        demo.wipe();

        assertThat(folder.toFile().list()).containsExactly("postgres");
        assertThat(demo.postgres().toFile().list())
                .containsExactlyInAnyOrder("start.lock", "users.lock", "keeper.lock");
    }

    @Test
    void usesAServerOfTheOperatorsOwnAndStartsNone() {
        Optional<String> url = Optional.of("jdbc:postgresql://db.example/billing?user=me&password=mine");
        try (Database database = Database.open(home(), url, step -> {})) {
            assertThat(database.jdbcUrl()).isEqualTo(url.get());
        }
        assertThat(folder).isEmptyDirectory();
        assertThatThrownBy(() -> Database.open(home(), Optional.of("mysql://me:mine@db/billing"), step -> {}))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("expected jdbc:postgresql://")
                .hasMessageNotContaining("mine");
    }

    private Home home() {
        return new Home(folder, binaries);
    }

    private Database open() {
        return Database.open(home(), Optional.empty(), step -> {});
    }

    private ProcessHandle postmaster() throws IOException {
        return Postmaster.of(PostgresFiles.of(home()).data()).process().orElseThrow();
    }

    private ProcessHandle keeper() throws IOException {
        return ProcessHandle.of(
                        PostgresFiles.of(home()).announced().orElseThrow().keeperPid())
                .orElseThrow();
    }

    private static void kill(ProcessHandle process) throws Exception {
        process.destroyForcibly();
        process.onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
    }

    private static void signal(String name, ProcessHandle process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static void assertStops(ProcessHandle server) throws Exception {
        assertThat(server.onExit().get(STOP_SECONDS, TimeUnit.SECONDS).isAlive())
                .isFalse();
    }

    private static String one(String url, String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void execute(String url, String command) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(command);
        }
    }
}
