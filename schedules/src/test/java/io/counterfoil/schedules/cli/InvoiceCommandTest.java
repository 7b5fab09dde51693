package io.counterfoil.schedules.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.schedules.cli.InProcess.Result;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** The commands in this process, on a real database: two accounts on the plan that is shipped, in January 2025. */
final class InvoiceCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TestDatabase database = TestDatabase.fresh();

    @TempDir
    Path folder;

    @BeforeEach
    void usageOfJanuary() {
        done("plan", "apply", "plans.yaml");
        done("seller", "set", "--name", "Seller", "--address", "Road 1\nTown");
        account("Acme", "19");
        account("Zeta", "7");
        done("key", "create", "--account", "Acme", "--label", "acme-1");
        database.jdbi().useHandle(handle -> {
            handle.execute("insert into edge_roster (edge, since, through) values ('e1', '2015-01-01T00:00:00Z',"
                    + " '2025-03-01T00:00:00Z')");
            handle.execute("select create_usage_partition('2025-01-01T00:00:00Z')");
            handle.execute(
                    "insert into usage_hourly select '2025-01-10T05:00:00Z', key_id, 'items', 'success', 1500000, 1,"
                            + " 0, 1000, 1 from api_key");
        });
    }

    private void account(String name, String percent) {
        done("account", "create", name);
        done("account", "set", name, "--tax-name", "VAT", "--tax-percent", percent);
        done(
                "subscription",
                "create",
                "--account",
                name,
                "--plan",
                "team@1",
                "--since",
                "2025-01-01",
                "--reason",
                "test");
    }

    private Result run(String... arguments) {
        return InProcess.on(folder, database.jdbcUrl()).run(arguments);
    }

    private String done(String... arguments) {
        Result result = run(arguments);
        assertThat(result.exit()).as(Arrays.toString(arguments) + result.err()).isZero();
        return result.out();
    }

    private Result invoice(String... arguments) {
        List<String> all = new ArrayList<>(List.of("invoice"));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    private String printed(String... arguments) {
        Result result = invoice(arguments);
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out();
    }

    private void finalised() {
        printed("finalise", "--period=2025-01");
    }

    @Test
    void draftsAreATableOrLinesOrObjectsEachWithTheirSums() throws Exception {
        assertThat(printed("draft", "--period=2025-01")).isEqualTo("""
                account  from                  to                    currency  lines    net    tax  total  waits because
                Acme     2025-01-01T00:00:00Z  2025-02-01T00:00:00Z  EUR           5  79.00  15.01  94.01  -
                Zeta     2025-01-01T00:00:00Z  2025-02-01T00:00:00Z  EUR           6  50.00   3.50  53.50  -

                EUR  2 drafts  net 129.00  tax 18.51  total 147.51
                """);
        assertThat(printed("draft", "--period=2025-01", "--account=Acme", "--lines"))
                .isEqualTo("""
                draft, Acme, 2025-01-01T00:00:00Z to 2025-02-01T00:00:00Z, in EUR

                line                       used        included  billed  per             price  fee  exact  amount
                1 base fee (team v1)                                  1  period             29          29   29.00
                2 requests (team v1)  1,500,000         100,000   1,400  1,000 requests                 50   50.00
                  0 to 1,000                                      1,000                   0.04          40
                  1,000 to 10,000                                   400                  0.025          10
                3 search (team v1)            0                       0  1,000 units       1.5           0    0.00
                4 traffic (team v1)       1,000  53,687,091,200       0  1GiB                            0    0.00
                  0 to 500                                            0                   0.08           0
                net                                                                                          79.00
                5 VAT 19 %                                                                           15.01   15.01
                total                                                                                        94.01

                EUR  1 draft  net 79.00  tax 15.01  total 94.01
                """);
        String json = printed("draft", "--period=2025-01", "--json");
        assertThat(printed("draft", "--period=2025-01", "--json")).isEqualTo(json);
        JsonNode first = JSON.readTree(json.lines().findFirst().orElseThrow());
        assertThat(first.get("total").asText()).isEqualTo("94.01");
        assertThat(first.get("lines").get(1).get("parts").get(1).toString())
                .isEqualTo(
                        "{\"from\":\"1000\",\"to\":\"10000\",\"quantity\":\"400\",\"price\":\"0.025\",\"flat\":\"0\","
                                + "\"amount\":\"10\"}");
        assertThat(invoice("draft", "--period=2025-01", "--json").err()).contains("EUR  2 drafts  net 129.00");
        assertThat(printed("draft", "--period=2025-03")).contains("744 of 744 hours are not complete");
        assertThat(printed("draft", "--period=2024-01")).isEqualTo("no drafts\n");
    }

    @Test
    void finalisingTellsNumbersSumsAndWhatWaits() throws Exception {
        printed("hold", "--account=Zeta", "--reason=a question");
        invoice("hold", "--account=Zeta", "--reason=again").refused("held already");

        assertThat(printed("finalise", "--period=2025-01")).isEqualTo("""
                1 invoice of 2 accounts is final, number 1
                total EUR 94.01
                1 waits, their accounts are held; first Zeta: held: a question; counterfoil invoice release --account NAME --reason WHY
                """);
        printed("release", "--account=Zeta", "--reason=answered");
        invoice("release", "--account=Zeta", "--reason=again").refused("are not held");
        JsonNode json = JSON.readTree(printed("finalise", "--period=2025-01", "--json"));
        assertThat(json.toString())
                .isEqualTo(
                        "{\"accounts\":2,\"invoices\":1,\"first_number\":2,\"last_number\":2,\"totals\":{\"EUR\":\"53.50\"},"
                                + "\"waiting\":{\"not_ended\":{\"drafts\":0,\"first\":null},\"held\":{\"drafts\":0,\"first\":null},"
                                + "\"incomplete\":{\"drafts\":0,\"first\":null}},"
                                + "\"open_earlier\":{\"periods\":0,\"first\":null},\"faults\":{\"accounts\":0,\"first\":null}}");
        assertThat(printed("finalise", "--period=2025-01")).isEqualTo("0 invoices of 2 accounts are final\n");

        Result waiting = invoice("finalise", "--period=2025-03");
        waiting.refused("2 invoices are not final, since hours are not complete; first Acme: 744 of 744 hours");
        assertThat(waiting.out())
                .startsWith("0 invoices of 2 accounts are final\n2 wait, their hours are not all complete");
        invoice("finalise", "--period=2025-03", "--incomplete").refused("--incomplete is given without --reason");
        invoice("finalise", "--period=2025-03", "--reason=x").refused("--reason is given without --incomplete");
        assertThat(printed("finalise", "--period=2025-03", "--incomplete", "--actor=erin", "--reason=the disk burnt"))
                .startsWith("2 invoices of 2 accounts are final, numbers 3 to 4\n");
        assertThat(printed("show", "3")).contains("\ndecided by erin: the disk burnt\nhours   744 were not complete\n");
    }

    @Test
    void aFinalInvoiceIsListedAndShown() throws Exception {
        finalised();
        printed("credit", "1", "--amount=29", "--actor=erin", "--reason=an outage");

        assertThat(printed("list", "--format=csv").lines().map(line -> line.replaceAll(",[^,]*$", "")))
                .containsExactly(
                        "number,kind,account,period_from,period_to,currency,net,tax,total,incomplete_hours,credited",
                        "1,invoice,Acme,2025-01-01T00:00:00Z,2025-02-01T00:00:00Z,EUR,79.00,15.01,94.01,0,34.51",
                        "2,invoice,Zeta,2025-01-01T00:00:00Z,2025-02-01T00:00:00Z,EUR,50.00,3.50,53.50,0,-",
                        "3,credit,Acme,2025-01-01T00:00:00Z,2025-02-01T00:00:00Z,EUR,-29.00,-5.51,-34.51,0,of 1");
        assertThat(printed("list", "--account=Zeta", "--period=2025-01"))
                .contains("Zeta")
                .doesNotContain("Acme");
        assertThat(printed("list", "--period=2025-02")).endsWith("0 rows\n");
        invoice("list", "--account=Nobody").refused("account 'Nobody' does not exist");
        invoice("list", "--period=January").refused("--period is 'January', expected a month as 2026-10");

        String shown = printed("show", "1");
        assertThat(shown).startsWith("invoice 1, final since ");
        assertThat(shown.lines().skip(1).limit(3))
                .containsExactly(
                        "period  2025-01-01T00:00:00Z to 2025-02-01T00:00:00Z, monthly, in EUR",
                        "seller  Seller, Road 1, Town",
                        "buyer   Acme, UTC");
        assertThat(shown)
                .contains(
                        "\n  1,000 to 10,000                                   400                  0.025          10\n")
                .endsWith("\ncredit 3: 34.51 (29.00 net, 5.51 tax), by erin: an outage\nleft    59.50 EUR\n");
        assertThat(printed("show", "3"))
                .startsWith("credit 3 of invoice 1, final since ")
                .contains("-29.00");
        JsonNode json = JSON.readTree(printed("show", "1", "--json"));
        assertThat(json.get("lines").get(1).get("plan") + " "
                        + json.get("lines").get(1).get("used"))
                .isEqualTo("\"team\" \"1500000\"");
        assertThat(json.get("credited").get(0).get("net").asText()).isEqualTo("29.00");
        invoice("show", "9").refused("invoice is '9', expected the number of a final invoice or credit");
    }

    @Test
    void aCreditTellsWhatIsLeft() throws Exception {
        finalised();

        assertThat(printed("credit", "1", "--amount=29.00", "--reason=an outage"))
                .isEqualTo(
                        "credit 3 of invoice 1: 29.00 net and 5.51 tax, 34.51 EUR; left of the invoice: 50.00 net, 9.50 tax\n");
        invoice("credit", "1", "--amount=50.01", "--reason=more").refused("expected at most 50.00 EUR");
        assertThat(JSON.readTree(printed("credit", "1", "--reason=all", "--json"))
                        .toString())
                .isEqualTo(
                        "{\"number\":4,\"credits\":1,\"currency\":\"EUR\",\"net\":\"50.00\",\"tax\":\"9.50\",\"total\":\"59.50\","
                                + "\"left_net\":\"0.00\",\"left_tax\":\"0.00\"}");
        invoice("credit", "3", "--reason=x").refused("invoice 3 is a credit of invoice 1");
    }

    @Test
    void anInvoiceIsExplainedAndUsageThatWasChangedIsTold() throws Exception {
        finalised();

        String explained = printed("explain", "1");
        assertThat(explained)
                .contains("  quantity on the invoice 1500000, recomputed 1500000: equal\n")
                .contains(
                        "  tiers on the invoice 1000 × 0.04, 400 × 0.025, recomputed 1000 × 0.04, 400 × 0.025: equal\n")
                .contains("    select coalesce(sum(")
                .contains("\ntotal on the invoice 94.01, recomputed 94.01: equal\n")
                .endsWith("\nall equal\n");
        assertThat(printed("explain", "1", "--line=2")).contains("2 requests").doesNotContain("4 traffic");
        assertThat(printed("explain", "2")).endsWith("\nall equal\n");
        invoice("explain", "1", "--line=9").refused("--line is 9, expected 1 to 5, a line of invoice 1");
        JsonNode json = JSON.readTree(printed("explain", "1", "--json"));
        assertThat(json.get("equal").asBoolean()).isTrue();
        assertThat(json.get("lines").get(1).get("hours").toString())
                .isEqualTo("[{\"hour\":\"2025-01-10T05:00:00Z\",\"on_invoice\":\"1500000\",\"counted_later\":\"0\"}]");
        String sql = json.get("lines").get(1).get("sql").asText();
        String recomputed = database.jdbi().withHandle(handle -> {
            try (var statement = handle.getConnection().createStatement();
                    var rows = statement.executeQuery(sql)) {
                rows.next();
                return rows.getString(1);
            }
        });
        assertThat(recomputed).isEqualTo("1500000");

        database.jdbi().useHandle(handle -> handle.execute("update usage_hourly set requests = requests - 1000"));
        Result changed = invoice("explain", "1");
        changed.refused(3, "line 2 (requests): quantity on the invoice 1500000, recomputed 1499000: NOT EQUAL");
        assertThat(changed.out()).contains("recomputed 1499000: NOT EQUAL").endsWith(" NOT EQUAL\n");
    }

    @Test
    void aDisputeWithoutALandingEndsAtTheHours() throws Exception {
        finalised();
        Path file = folder.resolve("acme.csv");

        assertThat(done("dispute", "--invoice=1", "--no-records", "--out=" + file))
                .isEqualTo(file + ": 5 lines, hours: 1, records: 0; all sums are equal\n");
        assertThat(Files.readAllLines(file))
                .anySatisfy(line ->
                        assertThat(line).startsWith("hour,2,requests,,,2025-01-10T05:00:00Z,,requests,1500000,0,"))
                .last()
                .asString()
                .startsWith("result,,all equal; records were not asked for,");

        Path landing = Files.createDirectory(folder.resolve("nothing"));
        run("dispute", "--invoice=1", "--out=" + file, "--landing=" + landing).refused("is bound to no database");
        assertThat(landing).isEmptyDirectory();
        run("dispute", "--out=" + file).refused("expected --invoice NUMBER, or --key LABEL and --hour TIME");
        run("dispute", "--key=acme-1", "--out=" + file).refused("expected --invoice NUMBER, or --key LABEL and --hour");
        run("dispute", "--invoice=1", "--key=acme-1", "--hour=2025-01-10T05:00:00Z", "--out=" + file)
                .refused("and not both");
        run("dispute", "--key=acme-1", "--hour=noon", "--out=" + file).refused("--hour is 'noon'");
    }

    @Test
    void aDisputeWhoseRecordsAreMissingEndsWithThree() throws Exception {
        finalised();
        Path file = folder.resolve("acme.csv");
        Path landing = folder.resolve("landing");
        String id = database.jdbi()
                .withHandle(handle -> handle.createQuery("select id::text from database_identity")
                        .mapTo(String.class)
                        .one());
        new FolderLanding(landing).bind(id);

        Result result = run("dispute", "--key=acme-1", "--hour=2025-01-10T05:00:00Z", "--out=" + file);

        result.refused(3, "the records of 1500000 requests are neither in the landing nor in the archive");
        assertThat(Files.readAllLines(file)).last().asString().contains("1500000 records were not found");
    }
}
