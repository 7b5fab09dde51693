package io.counterfoil.jobs.dispute;

import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** From an invoice down to the log, held against the raw lines. */
final class DisputeTest {
    @TempDir
    Path folder;

    private DisputedWorld world;
    private Path file;

    @BeforeEach
    void aBilledLog() throws Exception {
        world = new DisputedWorld(folder);
        file = folder.resolve("dispute.csv");
    }

    /** By line: the sum of what its records add to it. */
    private static Map<String, BigDecimal> sums(List<CSVRecord> records, Map<String, String> measures) {
        Map<String, BigDecimal> sums = new TreeMap<>();
        for (CSVRecord record : records) {
            if (!record.get("billed_by").equals("none")) {
                for (String line :
                        record.get("billed_by").substring("line ".length()).split(" and ", -1)) {
                    String amount = measures.get(line).equals("requests") ? "1" : record.get(measures.get(line));
                    sums.merge(line, new BigDecimal(amount), BigDecimal::add);
                }
            }
        }
        return sums;
    }

    private Map<String, String> lines(String column) throws Exception {
        Map<String, String> lines = new TreeMap<>();
        DisputedWorld.rows(file, "line").stream()
                .filter(row -> !row.get("measure").isEmpty())
                .forEach(row -> lines.put(row.get("line"), row.get(column)));
        return lines;
    }

    private void assertQuantitiesAre(List<CSVRecord> records) throws Exception {
        Map<String, BigDecimal> quantities = new TreeMap<>();
        lines("quantity").forEach((line, quantity) -> quantities.put(line, new BigDecimal(quantity)));
        assertThat(quantities).hasSize(4);
        assertThat(sums(records, lines("measure"))).as(world.seed()).isEqualTo(quantities);
    }

    @Test
    void theRecordsAreTheAccountsOwnAndAddUpToEachLine() throws Exception {
        Disputed disputed = world.job().invoice(1, file);

        assertThat(disputed.differences()).as(world.seed() + disputed.first()).isZero();
        assertThat(DisputedWorld.records(file)).as(world.seed()).isEqualTo(world.raw());
        assertThat(disputed.records()).isEqualTo(world.raw().size());
        assertQuantitiesAre(DisputedWorld.rows(file, "record"));
        assertThat(Files.readString(file)).doesNotContain("other-key").doesNotContain("Other");
        assertThat(DisputedWorld.rows(file, "check"))
                .extracting(row -> row.get("result"))
                .containsOnly("equal");
        assertThat(DisputedWorld.rows(file, "record"))
                .extracting(row -> row.get("counted"))
                .containsOnly("with the invoice");
        assertThat(DisputedWorld.rows(file, "result"))
                .singleElement()
                .satisfies(row -> assertThat(row.get("name")).isEqualTo("all equal"));
        assertThat(DisputedWorld.rows(file, "rate"))
                .extracting(row -> row.get("price") + " per " + row.get("per"))
                .contains("10 per ", "0.01 per 1", "0.07 per 3000", "0.5 per 1");
        // Kinds come in the order in which they are read: the bill, then hour by hour.
        assertThat(DisputedWorld.rows(file).stream().map(row -> row.get("row")).distinct())
                .containsExactly("invoice", "line", "rate", "hour", "record", "check", "total", "result");
        try (var files = Files.list(folder)) {
            assertThat(files.map(each -> each.getFileName().toString()))
                    .contains("dispute.csv")
                    .doesNotContain("dispute.csv.part");
        }
    }

    @Test
    void twiceTheSameIsTheSame() throws Exception {
        world.job().invoice(1, file);
        byte[] first = Files.readAllBytes(file);

        world.job().invoice(1, file);

        assertThat(Files.readAllBytes(file)).isEqualTo(first);
    }

    @Test
    void aRecordThatCameAfterTheInvoiceIsToldApart() throws Exception {
        world.publish(Instant.parse("2026-10-10T06:05:00Z"), 100);
        world.rollup("2026-11-06T00:00:00Z");

        Disputed disputed = world.job().invoice(1, file);

        assertThat(disputed.differences()).as(world.seed() + disputed.first()).isZero();
        assertThat(DisputedWorld.records(file)).as(world.seed()).isEqualTo(world.raw());
        List<CSVRecord> records = DisputedWorld.rows(file, "record");
        assertQuantitiesAre(records.stream()
                .filter(row -> row.get("counted").equals("with the invoice"))
                .toList());
        assertThat(records.stream().filter(row -> row.get("counted").equals("after the invoice")))
                .isNotEmpty()
                .allSatisfy(row -> assertThat(row.get("seq")).startsWith("5"));
        Map<String, BigDecimal> later = new TreeMap<>();
        DisputedWorld.rows(file, "hour")
                .forEach(
                        row -> later.merge(row.get("line"), new BigDecimal(row.get("counted_later")), BigDecimal::add));
        later.values().removeIf(sum -> sum.signum() == 0);
        assertThat(later)
                .as(world.seed())
                .isEqualTo(sums(
                        records.stream()
                                .filter(row -> row.get("counted").equals("after the invoice"))
                                .toList(),
                        lines("measure")));
    }

    @Test
    void whatRetentionTookFromTheLandingComesFromTheArchive() throws Exception {
        assertThat(world.retain("2026-11-06T00:00:00Z")).isEqualTo(4);
        // One more that is archived and in the landing too, and one that is in the landing alone.
        world.publish(Instant.parse("2026-10-10T06:05:00Z"), 100);
        world.rollup("2026-11-07T00:00:00Z");
        world.archive("2026-11-07T00:00:00Z");
        world.publish(Instant.parse("2026-10-10T06:10:00Z"), 100);
        world.rollup("2026-11-08T00:00:00Z");

        Disputed disputed = world.job().invoice(1, file);

        assertThat(disputed.differences()).as(world.seed() + disputed.first()).isZero();
        assertThat(DisputedWorld.records(file)).as(world.seed()).isEqualTo(world.raw());
    }

    @Test
    void whatIsGoneIsToldByCount() throws Exception {
        int before = world.raw().size();
        Path data = world.publish(Instant.parse("2026-10-10T06:05:00Z"), 100);
        int gone = world.raw().size() - before;
        world.rollup("2026-11-06T00:00:00Z");
        Files.delete(data);

        Disputed disputed = world.job().invoice(1, file);

        assertThat(disputed.notFound()).as(world.seed()).isEqualTo(gone).isPositive();
        assertThat(DisputedWorld.rows(file, "unreadable"))
                .singleElement()
                .satisfies(row -> assertThat(row.get("segment") + ": " + row.get("name"))
                        .contains("edge-1/", "/0/5: ", "the seal is there, the data is not"));
        assertThat(DisputedWorld.rows(file, "result"))
                .singleElement()
                .satisfies(row ->
                        assertThat(row.get("name")).endsWith("checks differ; " + gone + " records were not found"));
        long differing = DisputedWorld.rows(file, "check").stream()
                .filter(row -> row.get("result").equals("differs"))
                .count();
        assertThat(disputed.differences()).isEqualTo(differing);
        assertThat(DisputedWorld.rows(file, "check").stream()
                        .filter(row -> row.get("name").equals("all records, billed or not")
                                && row.get("measure").equals("requests"))
                        .mapToLong(row -> Long.parseLong(row.get("difference")))
                        .sum())
                .isEqualTo(-gone);
    }

    @Test
    void usageThatWasChangedDiffersFromItsRecords() throws Exception {
        world.world
                .jdbi()
                .useHandle(handle -> handle.execute(
                        "update usage_hourly set requests = requests + 7 where outcome = 'success' and route = 'items'"
                                + " and key_id = " + world.one + " and hour = '2026-10-10T06:00:00Z'"));

        Disputed disputed = world.job().invoice(1, file);

        assertThat(disputed.first())
                .anySatisfy(told -> assertThat(told).contains("in hour 2026-10-10T06:00:00Z: found "));
        assertThat(DisputedWorld.rows(file, "check").stream()
                        .filter(row -> row.get("result").equals("differs"))
                        .map(row -> row.get("hour") + " " + row.get("measure") + " " + row.get("difference"))
                        .distinct())
                .containsExactly("2026-10-10T06:00:00Z requests -7");
        assertThat(DisputedWorld.rows(file, "total").stream()
                        .filter(row -> row.get("result").equals("differs"))
                        .map(row -> row.get("difference")))
                .containsExactly("7");
    }

    @Test
    void withoutRecordsTheFileEndsAtTheHours() throws Exception {
        Disputed disputed = new DisputeJob(world.world.jdbi(), Optional.empty()).invoice(1, file);

        assertThat(disputed.differences()).isZero();
        assertThat(DisputedWorld.rows(file).stream().map(row -> row.get("row")).distinct())
                .containsExactly("invoice", "line", "rate", "hour", "total", "result");
        assertThat(DisputedWorld.rows(file, "result").get(0).get("name"))
                .isEqualTo("all equal; records were not asked for");
    }

    @Test
    void aKeysHourIsShownByThePlanThatWasInForce() throws Exception {
        Disputed disputed = world.job().hour("acme-own", Instant.parse("2026-10-10T06:00:00Z"), file);

        assertThat(disputed.differences()).as(world.seed() + disputed.first()).isZero();
        assertThat(DisputedWorld.rows(file, "key"))
                .singleElement()
                .satisfies(row -> assertThat(row.get("result")).isEqualTo("billed by invoice 1"));
        assertThat(DisputedWorld.rows(file, "line"))
                .extracting(row -> row.get("plan") + " " + row.get("name") + " " + row.get("key"))
                .containsExactly("solo v1 base fee acme-own", "solo v1 requests acme-own");
        List<CSVRecord> records = DisputedWorld.rows(file, "record");
        assertThat(records).isNotEmpty().extracting(row -> row.get("key")).containsOnly("acme-own");
        assertThat(records).extracting(row -> row.get("time").substring(0, 13)).containsOnly("2026-10-10T06");
        assertThat(DisputedWorld.rows(file, "hour").get(0).get("quantity"))
                .isEqualTo(Long.toString(records.stream()
                        .filter(row -> row.get("billed_by").equals("line 2"))
                        .count()));
        assertThat(DisputedWorld.rows(file, "rate"))
                .extracting(row -> row.get("name") + " " + row.get("price"))
                .containsExactly("flat, a period 0", "per unit 0.5");
    }

    @Test
    void whatCannotBeDisputedIsRefused() {
        assertThatThrownBy(() -> world.job().invoice(99, file)).hasMessageContaining("invoice is '99', expected");
        assertThatThrownBy(() -> world.job().hour("nobody", Instant.parse("2026-10-10T06:00:00Z"), file))
                .hasMessageContaining("key is 'nobody', expected a key's label");
        assertThatThrownBy(() -> world.job().hour("acme-one", Instant.parse("2026-10-10T06:00:01Z"), file))
                .hasMessageContaining("expected the beginning of a UTC hour");
        assertThatThrownBy(() -> world.job().invoice(1, folder.resolve("no/where.csv")))
                .hasMessageContaining("cannot be written");
        assertThat(file).doesNotExist();
    }
}
