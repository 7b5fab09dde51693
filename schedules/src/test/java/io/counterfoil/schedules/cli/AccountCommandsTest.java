package io.counterfoil.schedules.cli;

import io.counterfoil.sql.account.SubscriptionStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

/** What invoices say of accounts and of the seller, typed and in files. */
final class AccountCommandsTest {
    private static final List<String> NASTY = List.of(
            "=1+1",
            "+49 30 12",
            "-2",
            "@a",
            "'=x",
            "''",
            "a,b",
            "a \"b\"",
            "Zoë 検索 😀",
            "a;=1",
            "=HYPERLINK(\"http://x\",\"y\")");

    private static final String ACCOUNTS =
            "select name, external_id, legal_name, address, tax_id, billing_email, time_zone, tax_name, tax_percent,"
                    + " notice_thresholds::text, notice_email from account order by name collate \"C\"";
    private static final String SUBSCRIPTIONS =
            "select a.name as account, k.label, s.since::text as since, p.name, p.version, s.actor, s.reason, k2.name as in_force"
                    + " from subscription s join account a using (account_id) left join api_key k on k.key_id = s.key_id"
                    + " left join plan p on p.plan_id = s.plan_id left join plan k2 on k2.plan_id = k.plan_id"
                    + " where s.replaced_at is null order by 1, 2 nulls first, 3";

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();
    private InProcess cli;

    @BeforeEach
    void commands() {
        cli = on(database);
    }

    private InProcess on(TestDatabase which) {
        return InProcess.on(folder.resolve("home"), which.jdbcUrl());
    }

    private static String done(InProcess cli, String... command) {
        InProcess.Result result = cli.run(command);
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out();
    }

    @Test
    void anAccountIsSetAndShown() {
        done(cli, "account", "create", "Acme");
        String[] set = {
            "account",
            "set",
            "Acme",
            "--legal-name",
            "Acme GmbH",
            "--address",
            "Street 1\n10115 Berlin",
            "--tax-id",
            "DE1",
            "--billing-email",
            "bills@acme.example",
            "--time-zone",
            "Europe/Berlin",
            "--tax-name",
            "VAT",
            "--tax-percent",
            "19",
            "--external-id",
            "crm-7"
        };
        assertThat(done(cli, set)).isEqualTo("account Acme is changed\n");
        assertThat(done(cli, set)).isEqualTo("account Acme was so already\n");
        assertThat(done(cli, "account", "set", "Acme", "--tax-id", "")).isEqualTo("account Acme is changed\n");

        assertThat(done(cli, "account", "show", "Acme")).isEqualTo("""
                name: Acme
                external_id: crm-7
                legal_name: Acme GmbH
                address: Street 1
                10115 Berlin
                billing_email: bills@acme.example
                time_zone: Europe/Berlin
                tax_name: VAT
                tax_percent: 19
                """);
        assertThat(done(cli, "account", "list", "--format", "csv").lines().skip(1))
                .singleElement()
                .asString()
                .startsWith("Acme,crm-7,-,Acme GmbH,bills@acme.example,Europe/Berlin,VAT 19 %,0,20");
    }

    @Test
    void whatInvoicesCannotSayIsRefused() {
        done(cli, "account", "create", "Acme");
        done(cli, "account", "create", "Other");
        done(cli, "account", "set", "Other", "--external-id", "7");
        cli.run("account", "set", "Acme", "--time-zone", "Asia/Kolkata")
                .refused("time zone is 'Asia/Kolkata', whose offset is +05:30");
        cli.run("account", "set", "Acme", "--time-zone", "Mars/Base").refused("expected one of the IANA time zones");
        cli.run("account", "set", "Acme", "--tax-name", "VAT").refused("expected both or none");
        cli.run("account", "set", "Acme", "--tax-name", "VAT", "--tax-percent", "101")
                .refused("tax_percent is '101' (account set), expected 0 to 100");
        cli.run("account", "set", "Acme", "--billing-email", "a@b, c@d").refused("billing_email is 'a@b, c@d'");
        cli.run("account", "set", "Acme", "--external-id", "7")
                .refused(
                        "external_id is '7' (account set), expected one that no other account has: it is that of 'Other'");
        cli.run("account", "set", "Acme").refused("nothing is to be changed");
        cli.run("account", "set", "Nobody", "--tax-id", "1").refused("account 'Nobody' does not exist");
        database.jdbi()
                .useHandle(
                        handle -> handle.execute(
                                "insert into invoice (number, kind, account_id, period_interval, anchor_day, period_from, period_to, currency, net, tax,"
                                        + " total, lines, merge_no, finalised_at, seller, buyer) select 1, 'invoice', account_id, 'monthly', 1,"
                                        + " '2026-10-01Z', '2026-11-01Z', 'EUR', 0, 0, 0, 0, 1, now(), '{}', '{}' from account where name = 'Acme'"));
        cli.run("account", "set", "Acme", "--time-zone", "Europe/Berlin", "--tax-id", "x")
                .refused(
                        "time_zone is 'Europe/Berlin' (account set), expected 'UTC' as it is: account 'Acme' has final invoice 1");
        assertThat(done(cli, "account", "set", "Acme", "--time-zone", "UTC", "--tax-id", "x"))
                .isEqualTo("account Acme is changed\n");
    }

    @Test
    void theSellerIsSetAndShown() {
        cli.run("seller", "show").refused("there is no seller yet");
        cli.run("seller", "set", "--email", "a@b.example").refused("the seller has no name yet");
        done(cli, "seller", "set", "--name", "Maps Ltd", "--tax-id", "GB1", "--address", "London");
        done(cli, "seller", "set", "--email", "bills@maps.example", "--address", "");
        assertThat(done(cli, "seller", "show")).isEqualTo("name: Maps Ltd\ntax_id: GB1\nemail: bills@maps.example\n");
        cli.run("seller", "set", "--email", "nobody").refused("the seller's email is 'nobody'");
    }

    @Test
    void everyFaultOfAFileIsToldAndNothingIsTaken() throws Exception {
        Path file = folder.resolve("accounts.csv");
        Files.writeString(file, """
                \uFEFFname,external_id,time_zone,tax_name,tax_percent,thresholds,address
                Fine,1,Europe/Berlin,VAT,19,80 100,"Street 1
                Berlin"
                Fine,2,,,,,
                Kolkata,1,Asia/Kolkata,,,,
                Half,3,,VAT,,,
                Much,4,,VAT,x,100 80,
                """);
        InProcess.Result result = cli.run("account", "import", file.toString());

        assertThat(result.exit()).isEqualTo(2);
        assertThat(result.err().lines().toList())
                .containsExactly(
                        "error: 6 faults:",
                        file + ":4: name is 'Fine', expected each once: it is in line 2 too",
                        file + ":5: external_id is '1', expected each once: it is in line 2 too",
                        file
                                + ":5: time zone is 'Asia/Kolkata', whose offset is +05:30 (at 2020-01-01T00:00:00Z), expected one whose"
                                + " offsets are whole hours, as Europe/Berlin or UTC: usage is summed by the hour of UTC, and a day"
                                + " of that zone begins within one",
                        file + ":6: tax_name and tax_percent (" + file
                                + ":6) are not both given, expected both or none",
                        file + ":7: tax_percent is 'x', expected 0 to 100 with up to 4 decimals, as 19 or 7.5",
                        file
                                + ":7: thresholds is '100 80', expected 1 to 10 percents from 1 to 1000, ascending, with blanks"
                                + " between, as '80 100'. Nothing was imported");
        assertThat(done(cli, "account", "export").lines()).hasSize(1);
        Files.writeString(file, "name,legalname\nA,b\n");
        cli.run("account", "import", file.toString())
                .refused(file
                        + ":1: of the header, column 2 has an unknown name; expected name and any of name,external_id");
        Files.write(file, new byte[] {'n', 'a', 'm', 'e', '\n', (byte) 0xE9, '\n'});
        cli.run("account", "import", file.toString()).refused("it is no CSV in UTF-8");
        cli.run("account", "import", folder.resolve("none.csv").toString()).refused("it does not exist");
    }

    @Test
    void accountsOfAFileChangeWhatItSaysAndMayChangePlaces() throws Exception {
        Path file = folder.resolve("accounts.csv");
        Files.writeString(file, "name,external_id,tax_id\nA,1,x\nB,2,y\n");
        assertThat(done(cli, "account", "import", file.toString()))
                .isEqualTo("2 accounts created, 0 changed, 0 were so already\n");
        Files.writeString(file, "name,external_id\nA,2\nB,1\nC,\n");
        assertThat(done(cli, "account", "import", file.toString()))
                .isEqualTo("1 accounts created, 2 changed, 0 were so already\n");
        assertThat(done(cli, "account", "import", file.toString()))
                .isEqualTo("0 accounts created, 0 changed, 3 were so already\n");
        assertThat(done(cli, "account", "export").lines().skip(1))
                .containsExactly("A,2,,,x,,UTC,,,,", "B,1,,,y,,UTC,,,,", "C,,,,,,UTC,,,,");
    }

    @Test
    void whatIsExportedIsReadAgainAsItWas() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        done(cli, "plan", "apply", Path.of("plans.yaml").toAbsolutePath().toString());
        database.jdbi().useHandle(handle -> fill(handle.getJdbi(), random));
        TestDatabase other = TestDatabase.fresh();
        InProcess there = on(other);
        done(there, "plan", "apply", Path.of("plans.yaml").toAbsolutePath().toString());

        String accounts = done(cli, "account", "export");
        Files.writeString(folder.resolve("accounts.csv"), accounts);
        done(there, "account", "import", folder.resolve("accounts.csv").toString());
        copyKeys(other.jdbi());
        String subscriptions = done(cli, "subscription", "export");
        Files.writeString(folder.resolve("subscriptions.csv"), subscriptions);
        done(
                there,
                "subscription",
                "import",
                folder.resolve("subscriptions.csv").toString());

        assertThat(rows(other.jdbi(), ACCOUNTS))
                .as("seed %d", seed)
                .hasSize(40)
                .isEqualTo(rows(database.jdbi(), ACCOUNTS));
        assertThat(rows(other.jdbi(), SUBSCRIPTIONS))
                .as("seed %d", seed)
                .hasSizeGreaterThan(40)
                .isEqualTo(rows(database.jdbi(), SUBSCRIPTIONS));
        assertThat(done(there, "account", "export")).as("seed %d", seed).isEqualTo(accounts);
        assertThat(done(there, "subscription", "export")).as("seed %d", seed).isEqualTo(subscriptions);
        try (CSVParser cells = CSVFormat.RFC4180.parse(new StringReader(accounts + subscriptions))) {
            cells.forEach(row ->
                    assertThat(row.toList()).as("seed %d", seed).noneMatch(cell -> cell.matches("(?s)[=+@\\t\\r-].*")));
        }
    }

    private static void fill(Jdbi jdbi, Random random) {
        jdbi.useHandle(handle -> {
            for (int i = 0; i < 40; i++) {
                String text = NASTY.get(random.nextInt(NASTY.size())) + " " + i;
                handle.createUpdate(
                                "insert into account (name, external_id, legal_name, address, tax_id, billing_email, time_zone,"
                                        + " tax_name, tax_percent, notice_thresholds, notice_email, notice_email_since, created_at) values"
                                        + " (:text, :text, :some, :lines, :some, :mail, :zone, :tax, :percent::numeric, :at::int[], :mail,"
                                        + " case when :mail::text is null then null::timestamptz else now() end, now())")
                        .bind("text", text)
                        .bind("some", random.nextBoolean() ? text : null)
                        .bind("lines", random.nextBoolean() ? text + "\n=second" : null)
                        .bind("mail", random.nextBoolean() ? "-a+b=c@example.com" : null)
                        .bind("zone", random.nextBoolean() ? "UTC" : "Pacific/Auckland")
                        .bind("tax", i % 2 == 0 ? "=VAT" : null)
                        .bind("percent", i % 2 == 0 ? "7." + i : null)
                        .bind("at", random.nextBoolean() ? "{50,90}" : null)
                        .execute();
            }
            handle.execute(
                    "insert into api_key (account_id, label, label_sha256, created_at, version)"
                            + " select account_id, '=key-' || account_id, sha256(('=key-' || account_id)::bytea), now(), 1 from account");
            for (int i = 0; i < 100; i++) {
                handle.createUpdate(
                                "insert into subscription (account_id, key_id, since, plan_id, actor, reason, created_at)"
                                        + " select account_id, case when :own then key_id end, '2026-01-01Z'::timestamptz + :hours * interval '1 hour',"
                                        + " (select plan_id from plan where plan_id = :plan), :text, :text, now() from api_key"
                                        + " order by key_id offset :nth limit 1 on conflict do nothing")
                        .bind("own", random.nextBoolean())
                        .bind("hours", random.nextInt(10))
                        .bind("plan", random.nextInt(4))
                        .bind("text", NASTY.get(random.nextInt(NASTY.size())))
                        .bind("nth", random.nextInt(40))
                        .execute();
            }
        });
        new SubscriptionStore(jdbi).takeEffect(Instant.parse("2026-06-01T00:00:00Z"));
    }

    /** Keys have no file that holds all of them. */
    private void copyKeys(Jdbi to) {
        to.useHandle(handle -> {
            for (Map<String, Object> key : rows(
                    database.jdbi(),
                    "select k.label, a.name from api_key k join account a using (account_id) order by key_id")) {
                handle.createUpdate(
                                "insert into api_key (account_id, label, label_sha256, created_at, version)"
                                        + " select account_id, :label, sha256(:label::bytea), now(), 1 from account where name = :name")
                        .bindMap(key)
                        .execute();
            }
        });
    }

    private static List<Map<String, Object>> rows(Jdbi jdbi, String sql) {
        return jdbi.withHandle(handle -> handle.createQuery(sql).mapToMap().list());
    }
}
