package io.counterfoil.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.jobs.export.InvoiceExportJob.What;
import io.counterfoil.jobs.invoice.BilledWorld;
import io.counterfoil.jobs.invoice.Cards;
import io.counterfoil.sql.export.InvoiceExportStore;
import io.counterfoil.sql.export.ShownInvoice;
import io.counterfoil.sql.export.StripeStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;

/** Final invoices as CSV and as pages. */
final class InvoiceExportJobTest {
    private static final YearMonth OCTOBER = YearMonth.of(2026, 10);
    private static final Set<String> NUMBERS = Set.of(
            "number",
            "net",
            "tax",
            "total",
            "lines",
            "incomplete_hours",
            "credits",
            "line",
            "plan_version",
            "quantity",
            "per",
            "included",
            "adjusts",
            "amount");

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();
    private final InvoiceExportJob job = new InvoiceExportJob(new InvoiceExportStore(database.jdbi()), "1.2.3");

    private static List<CSVRecord> read(Path file) throws Exception {
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        try (CSVParser parser = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
            return parser.getRecords();
        }
    }

    @Test
    void invoicesOfAMonthInTheirZoneWithTheirTotals() throws Exception {
        FinalInvoices.insert(database.jdbi(), "Beta, \"the second\"");
        Path file = folder.resolve("invoices.csv");
        Manifest manifest = job.write(What.INVOICES, OCTOBER, file);
        List<CSVRecord> rows = read(file);
        assertThat(rows).extracting(row -> row.get("number")).containsExactly("1", "2");
        assertThat(rows.get(0).toMap())
                .containsEntry("kind", "invoice")
                .containsEntry("account", "Beta, \"the second\"")
                .containsEntry("period_from", "2026-09-30T22:00:00Z")
                .containsEntry("period_to", "2026-10-31T23:00:00Z")
                .containsEntry("currency", "EUR")
                .containsEntry("net", "1234.50")
                .containsEntry("tax", "234.56")
                .containsEntry("total", "1469.06")
                .containsEntry("lines", "6")
                .containsEntry("incomplete_hours", "5")
                .containsEntry("credits", "")
                .containsEntry("finalised_at", "2026-11-01T02:03:04.000000Z");
        assertThat(rows.get(1).toMap())
                .containsEntry("kind", "credit")
                .containsEntry("credits", "1")
                .containsEntry("total", "-11.90");
        assertThat(manifest.rows()).isEqualTo(2);
        JsonNode json = new ObjectMapper().readTree(Files.readAllBytes(Manifest.beside(file)));
        assertThat(json.get("parameters").get("period").textValue()).isEqualTo("2026-10");
        assertThat(json.get("totals").toString())
                .isEqualTo(
                        "{\"net EUR\":1224.50,\"tax EUR\":232.66,\"total EUR\":1457.16}".replace("1224.50", "1224.5"));
        assertThat(json.get("sha256").textValue()).isEqualTo(Digests.sha256(Files.readAllBytes(file)));

        Path again = folder.resolve("again.csv");
        job.write(What.INVOICES, OCTOBER, again);
        assertThat(again).hasSameBinaryContentAs(file);
        assertThat(Manifest.beside(again)).hasSameBinaryContentAs(Manifest.beside(file));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        job.stream(What.INVOICES, OCTOBER, out);
        assertThat(file).hasBinaryContent(out.toByteArray());
    }

    @Test
    void linesAddUpToTheirInvoices() throws Exception {
        FinalInvoices.insert(database.jdbi(), "search");
        Path file = folder.resolve("lines.csv");
        job.write(What.INVOICE_LINES, OCTOBER, file);
        List<CSVRecord> rows = read(file);
        assertThat(rows)
                .extracting(row -> row.get("number") + "." + row.get("line"))
                .containsExactly("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2.1", "2.2");
        assertThat(rows.get(0).toMap())
                .containsEntry("plan", "pro")
                .containsEntry("plan_version", "3")
                .containsEntry("measure", "requests")
                .containsEntry("quantity", "9007199254740993")
                .containsEntry("per", "1000")
                .containsEntry("included", "5000")
                .containsEntry("amount", "1234.00");
        assertThat(rows.get(2).get("amount")).isEqualTo("-12.50");
        JsonNode json = new ObjectMapper().readTree(Files.readAllBytes(Manifest.beside(file)));
        assertThat(json.get("totals").get("amount EUR").decimalValue()).isEqualByComparingTo("1457.16");
    }

    @Test
    void whatInvoiceJobMakesFinalIsShownAndSentToTheSameSum() throws Exception {
        BilledWorld world = new BilledWorld();
        long account = world.account("Acme", "Europe/Berlin");
        long key = world.key(account, "acme-1");
        long plan = world.plan(Cards.simple("team", "10.00", "0.01"));
        world.subscribe(account, Optional.empty(), Optional.of(plan), "2026-09-30T22:00:00Z");
        Instant now = Instant.parse("2026-11-05T00:00:00Z");
        world.merge(List.of(BilledWorld.Used.of(key, "2026-10-10T05:00:00Z", 12_345)), now);
        world.finalise("2026-10", now.toString());
        // Counted after it was final: on November's.
        world.merge(List.of(BilledWorld.Used.of(key, "2026-10-10T05:00:00Z", 55)), now);
        world.finalise("2026-11", "2026-12-05T00:00:00Z");

        InvoiceExportStore store = new InvoiceExportStore(world.jdbi());
        InvoiceExportJob export = new InvoiceExportJob(store, "1");
        List<String> lines = new ArrayList<>();
        for (YearMonth month : List.of(OCTOBER, YearMonth.of(2026, 11))) {
            Path file = folder.resolve("lines-" + month);
            export.write(What.INVOICE_LINES, month, file);
            read(file).forEach(row -> lines.add(row.get("kind") + " " + row.get("quantity") + " " + row.get("amount")));
        }
        assertThat(lines)
                .containsExactlyInAnyOrder(
                        "charge  10.00", "charge 12345 123.45", "charge  10.00", "charge 0 0.00", "adjustment  0.55");
        String october = new String(InvoicePage.of(store.find(1).orElseThrow()), StandardCharsets.UTF_8);
        assertThat(october)
                .contains("12,345 requests")
                .contains("0.01</td><td class=\"n\">× 12,345")
                .contains("<td class=\"n\">133.45</td>");
        Path page = folder.resolve("1.html");
        Manifest told = export.page(store.find(1).orElseThrow(), page);
        assertThat(page).hasContent(october);
        assertThat(folder.resolve("1.html.manifest.json")).exists();
        assertThat(told.rows()).isEqualTo(2);
        assertThat(told.totals()).containsEntry("net EUR", new BigDecimal("133.45"));
        assertThat(new String(InvoicePage.of(store.find(2).orElseThrow()), StandardCharsets.UTF_8))
                .contains("Rated anew 134.00, invoiced before 133.45")
                .contains("For usage of the hour 2026-10-10T05:00:00Z");

        world.jdbi().useHandle(handle -> handle.execute("update account set external_id = 'cus_1'"));
        Path events = folder.resolve("events.jsonl");
        new StripeExportJob(new StripeStore(world.jdbi()), InstantSource.fixed(now), "1")
                .send(
                        List.of(new StripeStore.Meter("requests", "calls")),
                        new UsageRange(Instant.parse("2026-10-01T00:00:00Z"), now),
                        events);
        assertThat(Files.readString(events)).contains("\"value\":\"12400\"");
    }

    @Test
    void aMonthWithoutInvoicesIsAFileToo() throws Exception {
        Path file = folder.resolve("none.csv");
        assertThat(job.write(What.INVOICES, YearMonth.of(2020, 2), file).rows()).isZero();
        assertThat(read(file)).isEmpty();
        assertThat(Files.readString(file)).startsWith("number,kind,account,");
        assertThat(Files.readString(Manifest.beside(file)))
                .contains("\"rows\" : 0")
                .contains("\"totals\" : { }");
    }

    @Test
    void noCellIsAFormulaAndNumbersStayNumbersAndPagesHoldNoMarkup() throws Exception {
        for (String text : FormulaCorpus.TEXTS) {
            TestDatabase fresh = TestDatabase.fresh();
            FinalInvoices.insert(fresh.jdbi(), text);
            InvoiceExportJob export = new InvoiceExportJob(new InvoiceExportStore(fresh.jdbi()), "1");
            for (What what : What.values()) {
                Path file = folder.resolve("x.csv");
                export.write(what, OCTOBER, file);
                for (CSVRecord row : read(file)) {
                    row.toMap().forEach((name, value) -> {
                        if (NUMBERS.contains(name)) {
                            assertThat(value).as(name).matches("(-?[0-9]+(\\.[0-9]+)?)?");
                        } else {
                            assertThat(value).as(name).matches(FormulaCorpus::harmless);
                        }
                    });
                }
            }
        }
    }

    @Test
    void aPageShowsAllOfAnInvoiceAndNothingOfItIsMarkup() {
        String evil = "<script>alert(1)</script>{{total}}\"'&";
        FinalInvoices.insert(database.jdbi(), evil);
        InvoiceExportStore store = new InvoiceExportStore(database.jdbi());
        String page = new String(InvoicePage.of(store.find(1).orElseThrow()), StandardCharsets.UTF_8);
        assertThat(page)
                .contains("<title>Invoice 1</title>")
                .contains("Seller &amp; Sons")
                .contains("Street 1\nBerlin")
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;{{total}}&quot;&#39;&amp;")
                .contains("2026-10-01 – 2026-10-31")
                .contains("9,007,199,254,740,993 requests")
                .contains("5,000 requests included")
                .contains("over 0 to 10,000: 0.01 per 1,000")
                .contains("over 10,000: 0.005 per 1,000, and 3")
                .contains("× 1/3")
                .contains("Plan pro, version 3, key &lt;k&gt;")
                .contains("2026-10-10 – 2026-10-31")
                .contains("\u221212.50")
                .contains("Rated anew 1,235.50, invoiced before 1,234.50")
                .contains("For usage of the hour 2026-10-05T05:00:00Z")
                .contains("VAT 19 %")
                .contains("1,469.06")
                .contains("5 hours of the period are billed as far as their usage is proven")
                .doesNotContain("<script")
                .doesNotContain("Reason:")
                .doesNotContainPattern("(?i)(src|href)=")
                .doesNotContain("@import")
                .doesNotContain("url(");
        assertThat(InvoicePage.of(store.find(1).orElseThrow())).isEqualTo(page.getBytes(StandardCharsets.UTF_8));
        assertThat(new String(InvoicePage.of(store.find(2).orElseThrow()), StandardCharsets.UTF_8))
                .contains("<h1>Credit note 2</h1>")
                .contains("Takes back of invoice 1")
                .contains("Reason: &lt;script&gt;")
                .contains("\u221211.90");
        assertThat(new String(InvoicePage.of(store.find(3).orElseThrow()), StandardCharsets.UTF_8))
                .contains("2026-11-01 – 2026-11-30");
        assertThat(store.find(4)).isEmpty();
    }

    @Test
    void aLongInvoiceOfALongNameBreaksBetweenItsRowsAndStaysWithinThePage() {
        String name = "Consolidated".repeat(40);
        String address = "Street 1\r\n".repeat(30) + "Berlin";
        List<ShownInvoice.Line> lines = new ArrayList<>();
        for (int i = 1; i <= 200; i++) {
            lines.add(new ShownInvoice.Line(
                    i,
                    i == 200 ? "tax" : "charge",
                    "item " + i + " " + name,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    "{}",
                    BigDecimal.ONE));
        }
        String page = new String(
                InvoicePage.of(new ShownInvoice(
                        7,
                        "invoice",
                        Instant.parse("2026-10-01T00:00:00Z"),
                        Instant.parse("2026-11-01T00:00:00Z"),
                        "EUR",
                        new BigDecimal("199"),
                        BigDecimal.ONE,
                        new BigDecimal("200"),
                        Instant.parse("2026-11-02T00:00:00Z"),
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        "{\"name\":\"Seller\"}",
                        new ObjectMapper()
                                .createObjectNode()
                                .put("name", "Acme")
                                .put("legal_name", name)
                                .put("address", address)
                                .toString(),
                        lines)),
                StandardCharsets.UTF_8);
        assertThat(page).contains("<strong>" + name + "</strong>").contains("<p class=\"address\">" + address + "</p>");
        assertThat(page.split("<tr><td>item ", -1)).hasSize(200);
        // A browser breaks lines where the text has them, words where they must, pages between rows, whose header it
        // repeats; the sums stay together, and a tax's name does not push them off the page.
        assertThat(page)
                .contains(".address { white-space: pre-line; }")
                .contains(".party p, .facts p { margin: 0; overflow-wrap: anywhere; }")
                .containsPattern("\\ntd \\{[^}]*overflow-wrap: anywhere")
                .contains("tfoot td:first-child { white-space: normal; }")
                .contains("thead { display: table-header-group; }")
                .contains("tfoot { display: table-row-group; }")
                .containsPattern("\\n  tr[^{]*\\{ break-inside: avoid; }")
                .containsPattern("tfoot tr:not\\(.total\\) \\{ break-after: avoid; }");
    }
}
