package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.schedules.cli.InProcess.Result;
import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.account.ApiKeyText;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.snapshot.SnapshotRows.KeyRow;
import io.counterfoil.sql.snapshot.SnapshotStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** The commands in this process, on a real database. */
final class KeyCommandTest {
    private final TestDatabase database = TestDatabase.fresh();

    @TempDir
    Path folder;

    @BeforeEach
    void accountAndPlan() {
        assertThat(run("account", "create", "Acme").exit()).isZero();
        assertThat(run("plan", "create", "small", "--limit", "1000/hour").exit())
                .isZero();
    }

    @Test
    void aKeyIsCreatedRotatedDisabledEnabledAndExpired() throws Exception {
        Result created = run(
                "key",
                "create",
                "--account",
                "Acme",
                "--plan",
                "small",
                "--label",
                "acme-1",
                "--env",
                "test",
                "--scope",
                "write",
                "--scope",
                "read",
                "--expires",
                "30d",
                "--json");
        String first = new ObjectMapper().readTree(created.out()).get("key").asText();
        Result rotated = run("key", "rotate", "acme-1", "--grace", "2h");
        String second = rotated.out().strip();

        assertThat(first).startsWith("cfk_test_").matches(ApiKeyText::isWellFormed);
        assertThat(second).startsWith("cfk_live_").isNotEqualTo(first);
        assertThat(rotated.err()).contains("key acme-1 has a new text, the old one ends at");
        assertThat(new KeyStore(database.jdbi())
                        .byHash(List.of(KeyStore.hash(first), KeyStore.hash(second)))
                        .values())
                .hasSize(2)
                .containsOnly(1L);
        assertThat(rows()).extracting(KeyRow::scopes).containsExactly("read write", "read write");
        assertThat(run("key", "disable", "acme-1").out()).isEqualTo("key acme-1 is disabled\n");
        assertThat(run("key", "disable", "acme-1").out()).isEqualTo("key acme-1 was disabled already\n");
        assertThat(rows()).isEmpty();
        assertThat(run("key", "list", "--format", "csv").out()).contains(",acme-1,Acme,small,read write,disabled,2,");
        assertThat(run("key", "enable", "acme-1").out()).isEqualTo("key acme-1 is enabled\n");
        assertThat(run("key", "expire", "acme-1", "--at", "2031-01-01").out())
                .isEqualTo("key acme-1 expires at 2031-01-01T00:00:00Z\n");
        assertThat(run("key", "expire", "acme-1", "--at", "never").out()).isEqualTo("key acme-1 does not expire\n");
        assertThat(rows().stream().map(KeyRow::expiresAt).filter(Optional::isEmpty))
                .hasSize(1);
        assertThat(run("key", "list", "--format", "json").out())
                .contains("\"state\":\"active\"", "\"secrets\":2")
                .doesNotContain(first, second, KeyStore.hash(first));
    }

    @Test
    void keysOfAnyShapeAreImportedWithScopesAndEnds() throws Exception {
        Path keys = folder.resolve("keys.csv");
        Files.writeString(keys, """
                account,label,plan,key,scopes,expires
                Acme,old-1,small,any-shape-1,read  write,2031-01-01
                Acme,old-2,small,"odd,shape",,
                """);
        Result imported = run("key", "import", keys.toString());

        assertThat(imported.out()).as(imported.err()).isEqualTo("2 keys imported, 0 were there already\n");
        assertThat(rows()).extracting(KeyRow::scopes).containsExactly("read write", "");
        assertThat(rows())
                .extracting(KeyRow::expiresAt)
                .containsExactly(Optional.of(Instant.parse("2031-01-01T00:00:00Z")), Optional.empty());
        Files.writeString(keys, "account,label,plan,key,scopes\nAcme,old-3,small,any-shape-3,Not A Scope\n");
        run("key", "import", keys.toString()).refused(keys + ", record 1, column scopes: expected at most 32 names");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SECRET,l,small,k,,               | account: expected an account that exists",
                "Acme,l,SECRET,k,,                | plan: expected a plan that exists",
                "Acme,SECRETé,small,k,,           | label: expected 1 to 128 printable",
                "Acme,l,small,k,SECRET,           | scopes: expected at most 32 names",
                "Acme,l,small,k,,SECRET           | expires: expected a time between 1990 and 2999",
                "Acme,l,small,k,,9999-01-01       | expires: expected a time between 1990 and 2999",
                "Acme,l,small,,,                  | key: expected 1 to 512 bytes"
            })
    void aKeyFileWithItsColumnsInAnotherOrderIsRefusedAndNotQuoted(String row, String message) throws Exception {
        Result result = importKeys("key", "Acme,fine,small,k0,,", row);

        result.refused(folder.resolve("keys.csv") + ", record 2, column " + message);
        assertThat(result.err()).contains("Nothing was imported").doesNotContain("SECRET", "9999");
        assertThat(rows()).isEmpty();
    }

    @Test
    void aKeyFileWhoseLabelsAreTakenIsRefusedAndNotQuoted() throws Exception {
        Result result = importKeys("key", "Acme,SECRET,small,k1,,", "Acme,SECRET,small,k2,,");

        result.refused("key cannot be created (" + folder.resolve("keys.csv") + ", record 2)");
        assertThat(result.err()).doesNotContain("SECRET");
    }

    @Test
    void aKeyInTheLabelsColumnIsNotStored() throws Exception {
        String key = ApiKeyText.generate(new SecureRandom()).reveal();
        Result result = importKeys("key", "Acme," + key + ",small,acme-1,,");
        Result created = run("key", "create", "--account", "Acme", "--plan", "small", "--label", key);

        result.refused("record 1, column label: expected 1 to 128 printable");
        created.refused("label (key create) is a key's text");
        assertThat(result.err() + created.err()).doesNotContain(key);
        assertThat(rows()).isEmpty();
    }

    @Test
    void aKeyLongerThanEdgesAdmitIsNotImported() throws Exception {
        String longest = "é".repeat(256);

        importKeys("key", "Acme,l,small," + longest + "x,,").refused("record 1, column key: expected 1 to 512 bytes");
        assertThat(importKeys("key", "Acme,l,small," + longest + ",,").exit()).isZero();
        importKeys("sha256", "Acme,l2,small,SECRET,,").refused("record 1, column sha256: expected 64 hex digits");
    }

    private static final String EXPORTED = """
            label,account,plan,version,scopes,state,expires,external_id
            '-ends,Acme,,,,expired,2020-01-01T00:00:00.000001Z,
            all,Acme,small,1,read write,active,2031-01-01T00:00:00.000000Z,'=crm-7
            ended,Acme,,,,expired,,
            logged,Acme,,,,label only,,
            off,Acme,small,1,,disabled,2031-01-01T00:00:00.000000Z,
            """;

    private void keysOfEveryState() throws Exception {
        run(
                "key",
                "create",
                "--account",
                "Acme",
                "--plan",
                "small",
                "--label",
                "all",
                "--scope",
                "write",
                "--scope",
                "read",
                "--expires",
                "2031-01-01",
                "--external-id",
                "=crm-7");
        run("key", "create", "--account", "Acme", "--label", "-ends", "--expires", "2020-01-01T00:00:00.000001Z");
        run("key", "create", "--account", "Acme", "--plan", "small", "--label", "off", "--expires", "2031-01-01");
        run("key", "disable", "off");
        run("key", "create", "--account", "Acme", "--label", "ended");
        database.jdbi()
                .useHandle(
                        handle -> handle.execute("update api_key_secret set expires_at = '2020-01-01Z' where key_id ="
                                + " (select key_id from api_key where label = 'ended')"));
        Files.writeString(folder.resolve("logged.csv"), "account,label,plan,state\nAcme,logged,,label only\n");
        run("key", "import", folder.resolve("logged.csv").toString());
    }

    @Test
    void whatWasExportedIsImportedAgainKnownByItsLabels() throws Exception {
        keysOfEveryState();
        assertThat(run("key", "export").out()).isEqualTo(EXPORTED);
        Path file = Files.writeString(folder.resolve("exported.csv"), EXPORTED);
        String here = run("key", "list", "--format", "csv").out();
        assertThat(here).contains(",all,Acme,small,read write,active,1,").contains(",'=crm-7\n");

        assertThat(run("key", "import", file.toString()).out())
                .isEqualTo(
                        "0 keys imported, 5 were there already; 5 have no key or sha256 in the file: those that are new are"
                                + " known by their label only\n");
        assertThat(run("key", "list", "--format", "csv").out())
                .as("left as they are")
                .isEqualTo(here);

        TestDatabase empty = TestDatabase.fresh();
        InProcess there = InProcess.on(folder.resolve("there"), empty.jdbcUrl());
        there.run("account", "create", "Acme");
        there.run("plan", "create", "small", "--limit", "1000/hour");
        assertThat(there.run("key", "import", file.toString()).out())
                .startsWith("5 keys imported, 0 were there already;");
        // Of these the secrets, or their ends, were all that told their state.
        String expected = EXPORTED.replace(",active,", ",label only,").replace("expired,,", "label only,,");
        assertThat(there.run("key", "export").out()).isEqualTo(expected);
        assertThat(new SnapshotStore(empty.jdbi())
                        .changesSince(0, Instant.now())
                        .keys())
                .as("no edge admits any")
                .isEmpty();
        Files.writeString(file, "\uFEFF" + expected);
        assertThat(there.run("key", "import", file.toString()).out())
                .startsWith("0 keys imported, 5 were there already;");
        assertThat(there.run("key", "export").out()).isEqualTo(expected);
    }

    @Test
    void anExportWithHashesBesideGivesKeysThatAreAdmitted() throws Exception {
        Path file = Files.writeString(
                folder.resolve("keys.csv"), """
                label,account,plan,version,scopes,state,expires,external_id,sha256
                all,Acme,small,1,read,active,,crm 7,%s
                off,Acme,,,,disabled,,,%s
                logged,Acme,,,,label only,,,
                """.formatted(KeyStore.hash("one"), KeyStore.hash("two")));

        assertThat(run("key", "import", file.toString()).out())
                .startsWith("3 keys imported, 0 were there already; 1 have no key or sha256");
        assertThat(rows()).extracting(KeyRow::label).containsExactly("all");
        assertThat(run("key", "enable", "off").out()).isEqualTo("key off is enabled\n");
        assertThat(rows()).extracting(KeyRow::label).containsExactlyInAnyOrder("all", "off");
        assertThat(run("key", "export").out()).isEqualTo("""
                label,account,plan,version,scopes,state,expires,external_id
                all,Acme,small,1,read,active,,crm 7
                logged,Acme,,,,label only,,
                off,Acme,,,,active,,
                """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "l,Acme,small,7,,active,,             | plan: expected a plan that exists, and its version",
                "l,Acme,,1,,active,,                  | version: expected none where there is no plan",
                "l,Acme,small,1,,SECRET,,             | state: expected active, label only, expired or disabled",
                "fine,Acme,small,1,,active,,          | label: expected each label once",
                "l,Acme,small,1,,active,,SECRET\u0007x | external_id: expected 1 to 200 characters",
                "l,Acme,small,1,,active,,cfk_live_00000000_00000000000000000000000000000000000000000003cIZ7v | external_id: expected"
            })
    void whatIsWrongInAnExportedFileIsToldAndNotQuoted(String row, String message) throws Exception {
        Path file = Files.writeString(folder.resolve("keys.csv"), """
                label,account,plan,version,scopes,state,expires,external_id
                fine,Acme,small,1,,active,,
                %s
                """.formatted(row));
        Result result = run("key", "import", file.toString());

        result.refused(file + ", record 2, column " + message);
        assertThat(result.err()).doesNotContain("SECRET", "cfk_live");
        assertThat(run("key", "export").out().lines()).hasSize(1);
    }

    @Test
    void aKeyOfAnotherAccountIsNoneThatIsThere() throws Exception {
        run("account", "create", "Other");
        run("key", "create", "--account", "Other", "--label", "acme-1");
        Path file = Files.writeString(folder.resolve("keys.csv"), "account,label,plan,state\nAcme,acme-1,,active\n");

        run("key", "import", file.toString()).refused("key cannot be created (" + file + ", record 1)");
        Files.writeString(file, "account,label,plan,hash\nAcme,acme-2,,SECRET\n");
        run("key", "import", file.toString())
                .refused("expected account,label,plan and either key or sha256, or all that 'key export' writes");
    }

    private Result importKeys(String secret, String... rows) throws Exception {
        Path file = folder.resolve("keys.csv");
        Files.writeString(file, "account,label,plan," + secret + ",scopes,expires\n" + String.join("\n", rows) + "\n");
        return run("key", "import", file.toString());
    }

    @Test
    void aChangeThatAnotherStoodInTheWayOfIsToBeRunAgain() throws Exception {
        assertThat(importKeys("key", "Acme,acme-1,small,k,,").exit()).isZero();
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Handle change = database.jdbi().open()) {
            // So that the command is the one that finds the deadlock.
            change.execute("set deadlock_timeout = '1min'");
            change.begin();
            change.execute("select from api_key for update");
            Future<Result> disabled = other.submit(() -> run("key", "disable", "acme-1"));
            while (!waitsForALock()) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            ControlVersion.hold(change);
            Result result = disabled.get(30, TimeUnit.SECONDS);
            change.rollback();

            assertThat(result.exit()).as(result.err()).isEqualTo(4);
            assertThat(result.err())
                    .contains("error: another change stood in the way (ERROR: deadlock detected), this one was undone")
                    .doesNotContain("bug", "\tat ");
        } finally {
            other.shutdown();
        }
    }

    private boolean waitsForALock() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select count(*) > 0 from pg_stat_activity"
                                + " where datname = current_database() and wait_event_type = 'Lock'")
                        .mapTo(Boolean.class)
                        .one());
    }

    @Test
    void whatIsWrongIsToldAndNoKeyIsShown() {
        String key = ApiKeyText.generate(new SecureRandom()).reveal();
        run("key", "disable", key).refused("no key has that label");
        run("key", "rotate", "acme-1", "--grace", "-1h").refused("--grace is '-1h', expected how long, as 90s");
        run("key", "expire", "acme-1", "--at", "soon").refused("--at is 'soon', expected a time");
        String[] create = {"key", "create", "--account", "Acme", "--plan", "small"};
        run(with(create, "--env", "Live")).refused("environment is 'Live', expected 1 to 16 lower-case");
        run(with(create, "--scope", "a b")).refused("scope is 'a b' (key create)");
        run(with(create, "--external-id", "x ")).refused("external id (key create) is 2 characters, expected 1 to 200");
        run(with(create, "--external-id", key)).refused("external id (key create) is 67 characters");
        run(with(create, "--expires", "9999-01-01")).refused("a key's end is 9999-01-01T00:00:00Z");
        assertThat(run("key", "disable", key).err()).doesNotContain(key.substring(20));
    }

    private List<KeyRow> rows() {
        return new SnapshotStore(database.jdbi()).changesSince(0, Instant.now()).keys();
    }

    private static String[] with(String[] command, String... more) {
        List<String> all = new ArrayList<>(Arrays.asList(command));
        all.addAll(Arrays.asList(more));
        return all.toArray(String[]::new);
    }

    private Result run(String... arguments) {
        return InProcess.on(folder, database.jdbcUrl()).run(arguments);
    }
}
