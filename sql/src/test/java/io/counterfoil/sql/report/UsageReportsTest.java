package io.counterfoil.sql.report;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.testing.RandomUsage;
import io.counterfoil.sql.testing.RandomUsage.Row;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Reports of usage against sums in plain Java of the same random rows, in a JVM far from UTC. */
final class UsageReportsTest {
    private static final Instant FIRST = Instant.parse("2026-02-26T20:00:00Z");
    private static final Instant FROM = Instant.parse("2026-02-27T05:00:00Z");
    private static final Instant TO = Instant.parse("2026-03-02T13:00:00Z");
    private static final Map<String, String> RANGE = Map.of("from", FROM.toString(), "to", TO.toString());

    private final long seed = System.nanoTime();
    private final TimeZone zone = TimeZone.getDefault();
    private final TestDatabase database = TestDatabase.fresh();
    private RandomUsage usage;

    @BeforeEach
    void inAuckland() {
        TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
        usage = RandomUsage.in(database, seed, FIRST, 120, 400);
    }

    @AfterEach
    void back() {
        TimeZone.setDefault(zone);
    }

    @Test
    void usageByDayIsTheSumOfItsHours() {
        Map<List<String>, List<Row>> groups =
                grouped(row -> List.of(day(row), account(row), noAccount(row)), row -> true);
        List<Map<String, String>> expected = new ArrayList<>();
        groups.forEach((group, rows) -> {
            Map<String, String> cells = sums(rows);
            cells.put("day", group.get(0));
            cells.put("account", group.get(1));
            cells.put("success", sum(of(rows, "success"), Row::requests));
            cells.put("client_errors", sum(of(rows, "client_error"), Row::requests));
            cells.put("server_errors", sum(of(rows, "server_error"), Row::requests));
            cells.put("refused", sum(of(rows, "refused"), Row::requests));
            cells.put("unauthorized", sum(of(rows, "unauthorized"), Row::requests));
            expected.add(cells);
        });

        assertThat(run("usage-by-day", RANGE)).as("seed %d", seed).isEqualTo(expected);
    }

    @Test
    void usageByAccountSharesWhatIsBillable() {
        Map<List<String>, List<Row>> groups = grouped(row -> List.of(account(row), noAccount(row)), row -> true);
        long all = counted().stream()
                .filter(usage::billable)
                .mapToLong(Row::requests)
                .sum();
        List<Map<String, String>> expected = new ArrayList<>();
        groups.forEach((group, rows) -> {
            Map<String, String> cells = sums(rows);
            cells.put("account", group.get(0));
            cells.put(
                    "keys",
                    String.valueOf(rows.stream()
                            .filter(row -> usage.key(row).isPresent())
                            .map(Row::key)
                            .distinct()
                            .count()));
            cells.put("percent", percent(Long.parseLong(cells.get("billable_requests")), all));
            expected.add(cells);
        });

        assertThat(run("usage-by-account", RANGE)).as("seed %d", seed).isEqualTo(expected);
    }

    @Test
    void topKeysAreTheFirstOfAllByEachMeasure() {
        for (String measure : List.of("requests", "units", "bytes_out")) {
            Map<Long, List<Row>> groups = counted().stream()
                    .filter(row -> row.key() != 0)
                    .collect(Collectors.groupingBy(Row::key, TreeMap::new, Collectors.toList()));
            BigDecimal all =
                    total(groups.values().stream().flatMap(List::stream).toList(), measure);
            List<Map<String, String>> expected = groups.entrySet().stream()
                    .sorted(Comparator.<Map.Entry<Long, List<Row>>, BigDecimal>comparing(
                                    group -> total(group.getValue(), measure))
                            .reversed())
                    .limit(3)
                    .map(group -> {
                        List<Row> rows = group.getValue();
                        Map<String, String> cells = new HashMap<>();
                        cells.put("account", account(rows.get(0)));
                        cells.put(
                                "key",
                                usage.key(rows.get(0)).map(key -> key.label()).orElse("#" + group.getKey()));
                        cells.put("requests", sum(rows, Row::requests));
                        cells.put("units", sum(rows, Row::units));
                        cells.put("bytes_out", sum(rows, Row::bytesOut));
                        cells.put("percent", percent(total(rows, measure), all));
                        return cells;
                    })
                    .toList();

            assertThat(run("top-keys", with(RANGE, "measure", measure, "limit", "3")))
                    .as("seed %d, %s", seed, measure)
                    .isEqualTo(expected);
        }
    }

    @Test
    void topRoutesAreTheFirstOfAnAccountByEachMeasure() {
        for (String measure : List.of("requests", "units", "bytes_out")) {
            Map<List<String>, List<Row>> groups = grouped(
                    row -> List.of(row.route()),
                    row -> usage.key(row)
                            .filter(key -> key.account().equals("Acme"))
                            .isPresent());
            BigDecimal all =
                    total(groups.values().stream().flatMap(List::stream).toList(), measure);
            List<Map<String, String>> expected = groups.entrySet().stream()
                    .sorted(Comparator.<Map.Entry<List<String>, List<Row>>, BigDecimal>comparing(
                                    group -> total(group.getValue(), measure))
                            .reversed())
                    .map(group -> route(group.getKey().get(0), group.getValue(), measure, all))
                    .toList();

            assertThat(run("top-routes", with(RANGE, "measure", measure, "account", "Acme")))
                    .as("seed %d, %s", seed, measure)
                    .isEqualTo(expected);
        }
    }

    private static Map<String, String> route(String route, List<Row> rows, String measure, BigDecimal all) {
        Map<String, String> cells = new HashMap<>();
        cells.put("route", route);
        cells.put("requests", sum(rows, Row::requests));
        cells.put("units", sum(rows, Row::units));
        cells.put("bytes_in", sum(rows, Row::bytesIn));
        cells.put("bytes_out", sum(rows, Row::bytesOut));
        cells.put("client_errors", sum(of(rows, "client_error"), Row::requests));
        cells.put("server_errors", sum(of(rows, "server_error"), Row::requests));
        cells.put(
                "average_ms",
                new BigDecimal(sum(rows, Row::durationUs))
                        .divide(new BigDecimal(sum(rows, Row::requests)).movePointRight(3), 3, RoundingMode.HALF_UP)
                        .toPlainString());
        cells.put("percent", percent(total(rows, measure), all));
        return cells;
    }

    @Test
    void whatIsNoMeasureAndNoNumberIsToldInOneLine() {
        assertThatThrownBy(() -> run("top-keys", Map.of("measure", "hits")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("measure hits, expected requests, units or bytes_out");
        assertThatThrownBy(() -> run("top-routes", Map.of("limit", "many")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("\"many\"");
        assertThatThrownBy(() -> run("top-routes", Map.of("limit", "-1"))).isInstanceOf(OperatorException.class);
        assertThatThrownBy(() -> run("completeness", Map.of("by", "moon"))).isInstanceOf(OperatorException.class);
    }

    private List<Map<String, String>> run(String report, Map<String, String> parameters) {
        return Report.named(report).list(database.jdbi(), parameters);
    }

    private static Map<String, String> with(Map<String, String> some, String... more) {
        Map<String, String> all = new HashMap<>(some);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }

    private List<Row> counted() {
        return usage.rows().stream()
                .filter(row -> !row.hour().isBefore(FROM) && row.hour().isBefore(TO))
                .toList();
    }

    /** By groups' names, in their order. */
    private Map<List<String>, List<Row>> grouped(Function<Row, List<String>> name, Predicate<Row> which) {
        return counted().stream()
                .filter(which)
                .collect(Collectors.groupingBy(
                        name,
                        () -> new TreeMap<>(Comparator.comparing((List<String> parts) -> String.join("\0", parts))),
                        Collectors.toList()));
    }

    private Map<String, String> sums(List<Row> rows) {
        Map<String, String> cells = new HashMap<>();
        cells.put("requests", sum(rows, Row::requests));
        cells.put("billable_requests", sum(rows.stream().filter(usage::billable).toList(), Row::requests));
        cells.put("units", sum(rows, Row::units));
        cells.put("bytes_in", sum(rows, Row::bytesIn));
        cells.put("bytes_out", sum(rows, Row::bytesOut));
        return cells;
    }

    private String account(Row row) {
        return usage.key(row).map(key -> key.account()).orElse("-");
    }

    /** An account may be called "-" as well. */
    private String noAccount(Row row) {
        return usage.key(row).isPresent() ? "1" : "0";
    }

    private static String day(Row row) {
        return row.hour().atOffset(ZoneOffset.UTC).toLocalDate().toString();
    }

    private static List<Row> of(List<Row> rows, String outcome) {
        return rows.stream().filter(row -> row.outcome().equals(outcome)).toList();
    }

    private static String sum(List<Row> rows, ToLongFunction<Row> what) {
        return String.valueOf(rows.stream().mapToLong(what).reduce(0, Math::addExact));
    }

    private static BigDecimal total(List<Row> rows, String measure) {
        return new BigDecimal(sum(rows, row -> row.measured(measure)));
    }

    private static String percent(long part, long all) {
        return percent(BigDecimal.valueOf(part), BigDecimal.valueOf(all));
    }

    private static String percent(BigDecimal part, BigDecimal all) {
        return all.signum() == 0
                ? "-"
                : part.movePointRight(2).divide(all, 2, RoundingMode.HALF_UP).toPlainString();
    }
}
