package io.counterfoil.schedules.cli;

import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** Subscriptions, as people type them. */
final class SubscriptionCommandTest {
    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();
    private InProcess cli;

    @BeforeEach
    void anAccountWithKeys() {
        cli = InProcess.on(folder.resolve("home"), database.jdbcUrl());
        done("account", "create", "Acme");
        done("plan", "create", "small", "--limit", "10/hour");
        done("plan", "create", "large", "--limit", "1000/hour");
        done("key", "create", "--account", "Acme", "--label", "follows");
        done("key", "create", "--account", "Acme", "--plan", "small@1", "--label", "own");
    }

    private String done(String... command) {
        InProcess.Result result = cli.run(command);
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out();
    }

    private List<String> keys() {
        return done("key", "list", "--format", "csv")
                .lines()
                .skip(1)
                .map(row -> row.split(",", -1)[1] + " " + row.split(",", -1)[3])
                .toList();
    }

    @Test
    void anAccountsKeysFollowItAndAKeyHasItsOwn() {
        assertThat(keys()).containsExactly("follows -", "own small");
        assertThat(done("subscription", "create", "--account", "Acme", "--plan", "large", "--since", "2016-02-20"))
                .isEqualTo("account Acme is on plan large v1 from 2016-02-20T00:00:00Z on\n");
        assertThat(done("subscription", "create", "--account", "Acme", "--plan", "large@1"))
                .isEqualTo("account Acme is on that plan then already: large v1\n");
        assertThat(keys()).containsExactly("follows large", "own small");
        assertThat(done("subscription", "end", "--key", "own", "--reason", "one for all", "--actor", "ops"))
                .startsWith("key own has no plan of its own from 20");
        assertThat(keys()).containsExactly("follows large", "own large");
        assertThat(done("subscription", "create", "--key", "own", "--plan", "small", "--since", "2999-01-01T05:00:00Z"))
                .isEqualTo("key own is on plan small v1 from 2999-01-01T05:00:00Z on\n");
        assertThat(keys()).as("not yet").containsExactly("follows large", "own large");

        List<String> listed = done("subscription", "list", "--account", "Acme", "--format", "csv")
                .lines()
                .toList();
        assertThat(listed.get(0)).isEqualTo("account,key,plan,version,since,until,state,actor,reason,created_at");
        assertThat(listed.get(1)).startsWith("Acme,-,large,1,2016-02-20T00:00:00Z,-,in force,");
        assertThat(listed).anyMatch(row -> row.contains(",-,replaced,counterfoil,the key was created on that plan,"));
        assertThat(listed).anyMatch(row -> row.contains("2999-01-01T05:00:00Z,in force,ops,one for all,"));
        assertThat(listed).anyMatch(row -> row.contains(",small,1,2999-01-01T05:00:00Z,-,ahead,"));
        assertThat(done("account", "list", "--format", "csv")).contains("Acme,-,large v1,");
    }

    @Test
    void whatCannotBeIsRefused() {
        String[] create = {"subscription", "create", "--account", "Acme", "--plan"};
        cli.run("subscription", "create", "--account", "Acme", "--plan", "large", "--since", "2026-11-01T05:30:00Z")
                .refused("since is 2026-11-01T05:30:00Z (--since), expected a whole hour of UTC");
        cli.run(create[0], create[1], create[2], create[3], create[4], "large@7")
                .refused("plan 'large@7' does not exist");
        cli.run("subscription", "create", "--account", "Nobody", "--plan", "large")
                .refused("account 'Nobody' does not exist");
        cli.run("subscription", "create", "--key", "nobody", "--plan", "large").refused("no key has that label");
        cli.run("subscription", "create", "--plan", "large").refused("Missing required");
        assertThat(done("subscription", "end", "--account", "Acme"))
                .isEqualTo("account Acme has no plan of its own then already\n");
    }

    @Test
    void aFileIsTakenWholeOrNotAtAllAndEveryFaultIsTold() throws Exception {
        Path file = folder.resolve("subscriptions.csv");
        Files.writeString(file, """
                account,key,plan,version,since
                Acme,,large,1,2026-01-01
                Nobody,,large,,2026-01-01
                Acme,SECRET,large,,2026-01-01
                Acme,own,huge,,2026-01-01
                Acme,own,large,7,2026-01-01
                Acme,own,large,,2026-01-01T00:30:00Z
                Acme,own,large,,soon
                Acme,,small,,2026-01-01
                Acme,own,,1,2026-01-01
                Acme,own
                """);
        InProcess.Result result = cli.run("subscription", "import", file.toString());

        assertThat(result.exit()).isEqualTo(2);
        assertThat(result.err().lines().toList())
                .containsExactlyInAnyOrder(
                        "error: 9 faults:",
                        file + ":3: account is 'Nobody', expected an account that exists: counterfoil account list",
                        file
                                + ":4: key is no label of a key of that account, expected one: counterfoil key list; what stands"
                                + " there is not shown, it may be a key",
                        file + ":5: plan is 'huge', expected one that exists: counterfoil plan list",
                        file + ":6: plan is 'large', version '7', expected one that exists: counterfoil plan list",
                        file + ":7: since is 2026-01-01T00:30:00Z (" + file
                                + ":7), expected a whole hour of UTC between 1990 and 3000, as 2026-11-01T05:00:00Z",
                        file + ":8: since is 'soon', expected a whole hour of UTC, as 2026-11-01T05:00:00Z, or a date",
                        file
                                + ":9: since is '2026-01-01', expected each hour of an account or key once: it is in line 2 too",
                        file + ":10: version is '1', expected none where there is no plan",
                        file + ":11: there are 2 fields, expected 5. Nothing was imported");
        assertThat(keys()).containsExactly("follows -", "own small");

        Files.writeString(
                file,
                "account,key,plan,since,reason\nAcme,,large,2026-01-01,moved house\nAcme,own,,2026-01-01T05:00:00Z,\n");
        assertThat(done("subscription", "import", file.toString()))
                .isEqualTo("2 subscriptions imported, 0 were there already\n");
        assertThat(done("subscription", "import", file.toString()))
                .isEqualTo("0 subscriptions imported, 2 were there already\n");
        assertThat(keys()).containsExactly("follows large", "own small");
        Files.writeString(file, "account;plan;since\n");
        cli.run("subscription", "import", file.toString())
                .refused(
                        ":1: of the header, account is missing, plan is missing, since is missing, column 1 has an unknown name; expected");
    }

    @Test
    void whatWasExportedIsImportedAgainAfterAnInvoice() throws Exception {
        done("subscription", "create", "--account", "Acme", "--plan", "large", "--since", "2016-02-20");
        done("subscription", "create", "--account", "Acme", "--plan", "small", "--since", "2016-03-20");
        done("subscription", "end", "--account", "Acme", "--since", "2016-04-20");
        database.jdbi()
                .useHandle(handle -> handle.execute(
                        "insert into invoice (number, kind, account_id, period_interval, anchor_day, period_from,"
                                + " period_to, currency, net, tax, total, lines, merge_no, finalised_at, seller, buyer)"
                                + " select 1, 'invoice', account_id, 'monthly', 1, '2017-01-01Z', '2017-02-01Z', 'EUR', 0, 0, 0, 0, 1,"
                                + " now(), '{}', '{}' from account"));
        String exported = done("subscription", "export");
        Path file = folder.resolve("subscriptions.csv");
        Files.writeString(file, exported);

        assertThat(done("subscription", "import", file.toString()))
                .isEqualTo("0 subscriptions imported, 4 were there already\n");
        assertThat(done("subscription", "export")).isEqualTo(exported);
        Files.writeString(file, exported + "Acme,,large,1,2998-01-01T00:00:00Z,ops,they grow\n");
        assertThat(done("subscription", "import", file.toString()))
                .isEqualTo("1 subscriptions imported, 4 were there already\n");
        Files.writeString(file, exported.replace("2016-03-20", "2016-03-21"));
        cli.run("subscription", "import", file.toString()).refused("expected 2017-02-01T00:00:00Z or later");
    }

    @Test
    void keysOfAFileWithoutAPlanFollowTheirAccount() throws Exception {
        done("subscription", "create", "--account", "Acme", "--plan", "large");
        Path file = folder.resolve("keys.csv");
        Files.writeString(file, "account,label,plan,key\nAcme,one,,secret-1\nAcme,two,small,secret-2\n");

        assertThat(done("key", "import", file.toString())).isEqualTo("2 keys imported, 0 were there already\n");
        assertThat(keys()).containsExactly("follows large", "one large", "own small", "two small");
        assertThat(done("key", "export").lines())
                .containsExactly(
                        "label,account,plan,version,scopes,state,expires,external_id",
                        "follows,Acme,,,,active,,",
                        "one,Acme,,,,active,,",
                        "own,Acme,small,1,,active,,",
                        "two,Acme,small,1,,active,,");
    }
}
