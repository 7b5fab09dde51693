package io.counterfoil.schedules.cli;

import io.counterfoil.sql.report.Report;
import io.counterfoil.sql.testing.RandomUsage;
import io.counterfoil.sql.testing.TestDatabase;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** Reports as people run them: by the command, and by psql, as the role that may read only. */
final class ReportCommandTest {
    private static final String AT = "2026-03-01T12:30:00Z";

    private final long seed = System.nanoTime();
    private final TestDatabase database = TestDatabase.fresh();

    @TempDir
    Path folder;

    private InProcess cli;

    @BeforeEach
    void asTheReportsRole() {
        RandomUsage.in(database, seed, Instant.parse("2026-02-28T08:00:00Z"), 48, 200);
        database.jdbi().useTransaction(handle -> {
            handle.execute("do $$ begin if not exists (select from pg_roles where rolname = 'test_reports') then"
                    + " create role test_reports login in role counterfoil_report; end if; end $$");
            handle.createScript(ROWS_FOR_EVERY_REPORT).execute();
        });
        cli = InProcess.on(folder.resolve("home"), database.jdbcUrlOf("test_reports"));
    }

    private static final String ROWS_FOR_EVERY_REPORT = """
            insert into edge_roster (edge, since, through) values ('edge-1', '2026-02-28T10:00Z', '2026-03-01T05:00Z');
            insert into source (source, since) values ('shop, "online"', '2026-03-01T00:00Z');
            insert into source_hour values ('shop, "online"', '2026-03-01T03:00Z', 90);
            insert into control_total (source, hour, requests, estimate, entered_at, actor, reason)
              values ('shop, "online"', '2026-03-01T03:00Z', 100, false, '2026-03-02', 'erin', 'invoice of the CDN');
            insert into hour_status values ('2026-02-28T12:00Z', '2026-02-28T13:01Z', '2026-02-28T15:00Z');
            insert into plan_limit (plan_id, time_window, measure, quota, action, scope, version)
              select plan_id, 'day', 'requests', 1000, 'refuse', 'account', 1 from plan where version = 1;
            insert into limit_usage (limit_id, subject_id, window_start, resets_at, used)
              select limit_id, account_id, '2026-03-01', '2026-03-02T00:00Z', 950 from plan_limit, account where name = 'Acme';
            insert into limit_crossing (limit_id, subject_id, window_start, quota, crossed_at, sealed_at, counted_at, told_at)
              select limit_id, account_id, '2026-02-28', 1000, '2026-02-28T11:00Z', '2026-02-28T11:00:01Z', '2026-02-28T11:00:02Z', '2026-03-01'
              from plan_limit, account where name = 'Acme';
            insert into overshoot (limit_id, subject_id, window_start, quota, edge, key_id, hour, passed, held_at)
              select c.limit_id, c.subject_id, c.window_start, c.quota, 'edge-1', k.key_id, '2026-02-28T11:00Z', 3, '2026-02-28T11:00:03Z'
              from limit_crossing c join api_key k on k.account_id = c.subject_id limit 1;
            insert into invoice (number, kind, account_id, period_interval, anchor_day, period_from, period_to, currency, net, tax, total,
                lines, merge_no, finalised_at, seller, buyer)
              select 1, 'invoice', account_id, 'monthly', 1, '2026-02-01T00:00Z', '2026-03-01T00:00Z', 'EUR', 12345678901234567890.10, 0.5,
                12345678901234567890.60, 2, 1, '2026-03-02', '{}', '{}' from account where name = 'Acme';
            insert into invoice_line (number, line, kind, name, plan_id, amount)
              select 1, 1, 'charge', 'requests', plan_id, 12345678901234567890.10 from plan where version = 2;
            insert into invoice_line (number, line, kind, name, amount) values (1, 2, 'tax', 'VAT', 0.5);
            insert into stripe_batch (made_at, since, until, events) values ('2026-03-02', '2026-02-01T00:00Z', '2026-03-01T00:00Z', 2);
            insert into stripe_sent (batch, account_id, event_name, hour, value, identifier, customer)
              select 1, account_id, e, '2026-02-28T12:00Z', 999999999999999, e, 'cus_1'
              from account, unnest('{calls,egress}'::text[]) e where name = 'Acme';
            """;

    @Test
    void everyReportGivesTheSameRowsByTheCommandAndByPsqlToTheRoleThatMayReadOnly() throws Exception {
        boolean psql = Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(path -> Files.isExecutable(Path.of(path, "psql")));
        if (!psql) {
            System.out.println("psql is not installed: reports were not compared with 'psql -f'");
        }
        for (String name : Report.names()) {
            boolean asksTime = Report.named(name).find("at").isPresent();
            InProcess.Result csv = asksTime
                    ? cli.run("report", name, "--format", "csv", "--param", "at=" + AT)
                    : cli.run("report", name, "--format", "csv");
            InProcess.Result json = asksTime
                    ? cli.run("report", name, "--format", "json", "--param", "at=" + AT)
                    : cli.run("report", name, "--format", "json");

            assertThat(csv.exit()).as(name + csv.err()).isZero();
            assertThat(rows(csv.out())).as("%s, seed %d", name, seed).hasSizeGreaterThan(1);
            assertThat(json.out().lines()).as(name).hasSize(rows(csv.out()).size() - 1);
            if (psql) {
                assertThat(rows(psql(name))).as("%s, seed %d", name, seed).isEqualTo(rows(csv.out()));
            }
        }
    }

    @Test
    void noTextOfACsvIsAFormulaAndNumbersStayNumbers() throws Exception {
        database.jdbi().useTransaction(handle -> {
            handle.execute("update account set name = '=HYPERLINK(\"http://evil.example\")' where name = 'Acme'");
            handle.execute("update control_total set requests = 50, actor = E'-1\\n+2', reason = '@x'");
        });
        assertThat(done("report", "limits", "--param", "at=" + AT, "--format", "csv"))
                .contains("'=HYPERLINK(")
                .doesNotContain("\"=HYPERLINK");
        List<List<String>> rows = rows(done("report", "control-totals", "--format", "csv"));
        assertThat(rows.get(1).subList(4, 9)).containsExactly("-40", "-80.00", "count", "'-1\n'+2", "'@x");
        assertThat(done("report", "control-totals", "--format", "json")).contains("\"percent\":-80.00,");
        assertThat(done("account", "list", "--format", "csv"))
                .contains("'=HYPERLINK(")
                .doesNotContain("\"=HYPERLINK");
    }

    /** As people run it: its file, the defaults, and a time; empty cells as the command prints them. */
    private String psql(String name) throws Exception {
        Path file = folder.resolve(name + ".sql");
        Files.writeString(file, cli.run("report", name, "--sql").out());
        URI url = URI.create(database.jdbcUrlOf("test_reports").substring("jdbc:".length()));
        ProcessBuilder psql = new ProcessBuilder(
                        "psql",
                        "--csv",
                        "-q",
                        "-P",
                        "null=-",
                        "-v",
                        "ON_ERROR_STOP=1",
                        "-v",
                        "at=" + AT,
                        "-f",
                        file.toString(),
                        url.toString())
                .redirectErrorStream(true);
        psql.environment().put("PGTZ", "Pacific/Auckland");
        Process run = psql.start();
        String rows = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(run.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(run.exitValue()).as(name + rows).isZero();
        return rows;
    }

    private static List<List<String>> rows(String csv) throws IOException {
        return CSVFormat.RFC4180.parse(new StringReader(csv)).stream()
                .map(CSVRecord::toList)
                .toList();
    }

    @Test
    void aloneItListsWhatThereIs() throws Exception {
        InProcess bare = new InProcess(List.of("--database=jdbc:postgresql://127.0.0.1:1/none"));

        InProcess.Result table = bare.run("report");
        List<List<String>> csv = rows(bare.run("report", "--format", "csv").out());

        assertThat(table.exit()).as(table.err()).isZero();
        assertThat(table.out()).contains("top-keys").endsWith(Report.names().size() + " rows\n");
        assertThat(csv.stream().skip(1).map(row -> row.get(0))).isEqualTo(Report.names());
        assertThat(csv)
                .contains(List.of(
                        "top-keys",
                        "from=-infinity to=infinity account=* measure=requests limit=10",
                        "The keys that used most."));
    }

    @Test
    void parametersAreGivenByNameOrByTheirShorthand() throws Exception {
        String range = done(
                "report",
                "usage-by-day",
                "--from",
                "2026-03-01",
                "--to",
                "2026-03-02",
                "--account",
                "Acme",
                "--format",
                "csv");

        assertThat(done(
                        "report",
                        "usage-by-day",
                        "--param",
                        "from=2026-03-01T00:00:00Z",
                        "--param",
                        "to=2026-03-02",
                        "--param",
                        "account=Acme",
                        "--format",
                        "csv"))
                .isEqualTo(range);
        assertThat(rows(range).stream().skip(1))
                .allSatisfy(row -> assertThat(row.subList(0, 2)).isEqualTo(List.of("2026-03-01", "Acme")));
        assertThat(done("report", "control-totals", "--source", "shop, \"online\"", "--format", "csv")
                        .lines())
                .hasSize(2);
        assertThat(rows(done("report", "top-keys", "--param", "limit=2", "--format", "csv")))
                .hasSize(3);
    }

    @Test
    void whereItIsLeftOutTheTimeIsTheClock() {
        assertThat(done("report", "limits", "--param", "at=" + AT, "--format", "csv")
                        .lines())
                .hasSize(2);
        assertThat(done("report", "limits", "--format", "csv").lines())
                .as("that window has passed")
                .hasSize(1);
    }

    @Test
    void numbersAreExactInEveryForm() {
        assertThat(done("report", "revenue-by-plan", "--format", "json").lines())
                .anyMatch(line -> line.contains(
                        "\"plan\":\"plan\",\"version\":2,\"invoices\":1,\"charges\":12345678901234567890.10,"))
                .anyMatch(line -> line.contains("\"plan\":\"-\",\"version\":null,") && line.endsWith("\"tax\":0.5}"));
        assertThat(done("report", "revenue-by-plan", "--format", "csv")).contains(",plan,2,1,12345678901234567890.10,");
    }

    @Test
    void whatIsMistypedIsToldWithWhatThereIs() {
        cli.run("report", "top-key").refused("report 'top-key' is not known, expected one of bridge, completeness,");
        cli.run("report", "top-key").refused("did you mean top-keys?");
        cli.run("report", "key-list").refused("report 'key-list' is not known");
        cli.run("report", "sources", "--from", "2026-01-01")
                .refused("report sources has no parameter 'from', it takes none");
        cli.run("report", "top-keys", "--param", "limits=3")
                .refused(
                        "report top-keys has no parameter 'limits', expected one of from, to, account, measure, limit; did you mean limit?");
        cli.run("report", "top-keys", "--param", "limit").refused("--param");
        cli.run("report", "top-keys", "--param", "limit=all")
                .refused("report top-keys cannot use a parameter's value: ");
        cli.run("report", "top-keys", "--param", "measure=hits")
                .refused("measure hits, expected requests, units or bytes_out");
        cli.run("report", "top-keys", "--param", "from=soon").refused("--param from is 'soon', expected a time");
        cli.run("report", "top-keys", "--from", "2026-01-01", "--param", "from=2026-01-02")
                .refused("--from is given twice, expected either --from or --param");
        cli.run("report", "top-keys", "--account", "Nobody").refused("account 'Nobody' does not exist");
        cli.run("report", "top-keys", "--param", "account=Nobody").refused("account 'Nobody' does not exist");
        cli.run("report", "top-keys", "--format", "xml").refused("--format is 'xml'");
        cli.run("report", "--from", "2026-01-01").refused("report's NAME is missing, expected one of bridge,");
    }

    private String done(String... arguments) {
        InProcess.Result result = cli.run(arguments);
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out();
    }
}
