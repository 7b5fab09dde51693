package io.counterfoil.sql.report;

import io.counterfoil.sql.testing.RandomUsage;
import io.counterfoil.sql.testing.RandomUsage.Row;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;

/** What is billed and what is not, under random usage, subscriptions, invoices, late usage and adjustments, against plain Java. */
final class BridgeReportTest {
    private static final Instant FIRST = Instant.parse("2026-02-26T20:00:00Z");
    private static final Instant MARCH = Instant.parse("2026-03-01T00:00:00Z");
    private static final Instant TO = Instant.parse("2026-03-02T13:00:00Z");
    private static final Map<String, String> RANGE = Map.of("to", TO.toString());

    /** A final invoice of an account for a period; {@code mergeNo}: what it saw. */
    private record Invoice(long number, long accountId, String interval, Instant from, Instant to, long mergeNo) {
        boolean covers(long account, String itsInterval, Instant hour) {
            return accountId == account && interval.equals(itsInterval) && !hour.isBefore(from) && hour.isBefore(to);
        }
    }

    /** On a later invoice. */
    private record Adjustment(long adjusts, long mergeNo) {}

    /** A part of a row that came after its invoice. */
    private record Late(Row row, long requests, long units, long bytesOut, long mergeNo) {}

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final TimeZone zone = TimeZone.getDefault();
    private final TestDatabase database = TestDatabase.fresh();
    private final RandomUsage usage = RandomUsage.in(database, seed, FIRST, 120, 500);
    private final List<Invoice> invoices = new ArrayList<>();
    private final List<Adjustment> adjustments = new ArrayList<>();
    private final List<Late> late = new ArrayList<>();
    private final Set<Long> held = new HashSet<>();

    @BeforeEach
    void billSome() {
        TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
        database.jdbi().useTransaction(handle -> {
            for (long account : usage.keys().values().stream()
                    .map(key -> key.accountId())
                    .distinct()
                    .toList()) {
                invoice(handle, account, "monthly", Instant.parse("2026-02-01T00:00:00Z"), MARCH);
                invoice(handle, account, "monthly", MARCH, Instant.parse("2026-04-01T00:00:00Z"));
                invoice(
                        handle,
                        account,
                        "yearly",
                        Instant.parse("2026-01-01T00:00:00Z"),
                        Instant.parse("2027-01-01T00:00:00Z"));
                if (random.nextInt(3) == 0) {
                    held.add(account);
                    handle.execute(
                            "insert into invoice_hold (account_id, placed_at, actor, reason) values (?, now(), 'erin', 'asked')",
                            account);
                }
            }
            List.copyOf(invoices).forEach(invoice -> adjust(handle, invoice));
            usage.rows().forEach(row -> comeLate(handle, row));
        });
    }

    @AfterEach
    void back() {
        TimeZone.setDefault(zone);
    }

    private void invoice(Handle handle, long account, String interval, Instant from, Instant to) {
        if (random.nextInt(3) != 0) {
            Invoice invoice = new Invoice(invoices.size() + 1, account, interval, from, to, 10 + random.nextInt(20));
            invoices.add(invoice);
            insert(handle, invoice);
        }
    }

    private static void insert(Handle handle, Invoice invoice) {
        handle.createUpdate(
                        "insert into invoice (number, kind, account_id, period_interval, anchor_day, period_from, period_to,"
                                + " currency, net, tax, total, lines, merge_no, finalised_at, seller, buyer) values (:number, 'invoice',"
                                + " :account, :interval, 1, :from, :to, 'EUR', 0, 0, 0, 1, :mergeNo, now(), '{}', '{}')")
                .bind("number", invoice.number())
                .bind("account", invoice.accountId())
                .bind("interval", invoice.interval())
                .bind("from", invoice.from().atOffset(ZoneOffset.UTC))
                .bind("to", invoice.to().atOffset(ZoneOffset.UTC))
                .bind("mergeNo", invoice.mergeNo())
                .execute();
    }

    /** Perhaps a later invoice mends this one's period. */
    private void adjust(Handle handle, Invoice mended) {
        if (random.nextBoolean()) {
            return;
        }
        Instant from = Instant.parse("2028-01-01T00:00:00Z").plusSeconds(3600L * invoices.size());
        Invoice later = new Invoice(
                invoices.size() + 1,
                mended.accountId(),
                "yearly",
                from,
                from.plusSeconds(3600),
                mended.mergeNo() + random.nextInt(20));
        invoices.add(later);
        insert(handle, later);
        handle.createUpdate("insert into invoice_line (number, line, kind, name, since, until, adjusts, amount)"
                        + " values (:number, 1, 'adjustment', 'late usage', :since, :until, :adjusts, 0)")
                .bind("number", later.number())
                .bind("adjusts", mended.number())
                .bind("since", mended.from().atOffset(ZoneOffset.UTC))
                .bind("until", mended.to().atOffset(ZoneOffset.UTC))
                .execute();
        adjustments.add(new Adjustment(mended.number(), later.mergeNo()));
    }

    /** Perhaps a part of it, or all, came after its invoice; also of requests that are not billable. */
    private void comeLate(Handle handle, Row row) {
        Optional<Invoice> billed = invoiceOf(row);
        if (billed.isEmpty() || random.nextInt(3) != 0) {
            return;
        }
        long requests = 1L + random.nextInt((int) row.requests());
        Late part = new Late(
                row, requests, row.units() / 2, row.bytesOut() / 3, billed.get().mergeNo() + 1 + random.nextInt(15));
        late.add(part);
        handle.createUpdate(
                        "insert into usage_restatement values (:batch, :hour, :key, :route, :outcome, :requests, :units, 0,"
                                + " :bytesOut, 0, :mergeNo)")
                .bind("batch", late.size())
                .bind("hour", row.hour().atOffset(ZoneOffset.UTC))
                .bind("key", row.key())
                .bind("route", row.route())
                .bind("outcome", row.outcome())
                .bind("requests", requests)
                .bind("units", part.units())
                .bind("bytesOut", part.bytesOut())
                .bind("mergeNo", part.mergeNo())
                .execute();
    }

    @RepeatedTest(8)
    void theBridgeSumsToTheLog() {
        List<Map<String, String>> rows = Report.named("bridge").list(database.jdbi(), RANGE);

        Map<String, long[]> expected = new TreeMap<>();
        counted().forEach(row -> {
            String excluded = excluded(row);
            add(expected, "logged/-", row.requests(), row.units(), row.bytesOut());
            if (!excluded.isEmpty()) {
                add(expected, "excluded/" + excluded, row.requests(), row.units(), row.bytesOut());
            } else {
                add(expected, "billable/-", row.requests(), row.units(), row.bytesOut());
                String state = state(row);
                add(
                        expected,
                        state.equals("in its period") ? "invoiced/" + state : "open/" + state,
                        row.requests(),
                        row.units(),
                        row.bytesOut());
            }
        });
        late.stream()
                .filter(part ->
                        part.row().hour().isBefore(TO) && excluded(part.row()).isEmpty())
                .forEach(part -> {
                    add(expected, "invoiced/in its period", -part.requests(), -part.units(), -part.bytesOut());
                    add(
                            expected,
                            adjusted(part) ? "invoiced/late, as an adjustment" : "open/late, not adjusted yet",
                            part.requests(),
                            part.units(),
                            part.bytesOut());
                });
        Map<String, long[]> actual = new TreeMap<>();
        rows.forEach(row -> add(
                actual,
                row.get("step") + "/" + row.get("part"),
                number(row, "requests"),
                number(row, "units"),
                number(row, "bytes_out")));
        assertThat(rows)
                .extracting(row -> row.get("step"))
                .containsExactly(
                        "logged",
                        "excluded",
                        "excluded",
                        "excluded",
                        "excluded",
                        "excluded",
                        "excluded",
                        "excluded",
                        "billable",
                        "invoiced",
                        "invoiced",
                        "open",
                        "open",
                        "open");
        actual.forEach((name, sums) ->
                assertThat(sums).as("seed %d, %s", seed, name).isEqualTo(expected.getOrDefault(name, new long[3])));
        assertThat(actual.keySet()).as("seed %d", seed).containsAll(expected.keySet());
        assertThat(step(actual, "excluded", "billable")).as("seed %d", seed).isEqualTo(step(actual, "logged"));
        assertThat(step(actual, "invoiced", "open")).as("seed %d", seed).isEqualTo(step(actual, "billable"));
        assertThat(step(actual, "logged")).as("seed %d", seed).isEqualTo(log());
    }

    @RepeatedTest(8)
    void whatIsUnbilledSaysWhy() {
        Map<String, long[]> expected = new TreeMap<>();
        counted().stream()
                .filter(row -> row.metered() && usage.key(row).isPresent())
                .forEach(row -> {
                    Optional<RandomUsage.Plan> plan = usage.plan(row);
                    boolean priced = plan.filter(RandomUsage.Plan::priced).isPresent();
                    boolean could = priced
                            ? plan.get().billable().contains(row.outcome())
                            : row.outcome().equals("success");
                    String reason = plan.isEmpty() ? "no plan in force" : priced ? state(row) : "plan without prices";
                    if (could && !reason.equals("in its period")) {
                        add(expected, unbilled(row, reason), row.requests(), row.units(), row.bytesOut());
                    }
                });
        late.stream()
                .filter(part ->
                        part.row().hour().isBefore(TO) && excluded(part.row()).isEmpty() && !adjusted(part))
                .forEach(part -> add(
                        expected,
                        unbilled(part.row(), "late, not adjusted yet"),
                        part.requests(),
                        part.units(),
                        part.bytesOut()));

        Map<String, long[]> actual = new TreeMap<>();
        Report.named("unbilled")
                .list(database.jdbi(), RANGE)
                .forEach(row -> add(
                        actual,
                        row.get("account") + "/" + row.get("version") + "/" + row.get("reason"),
                        number(row, "requests"),
                        number(row, "units"),
                        number(row, "bytes_out")));

        assertThat(actual.keySet()).as("seed %d", seed).isEqualTo(expected.keySet());
        actual.forEach(
                (name, sums) -> assertThat(sums).as("seed %d, %s", seed, name).isEqualTo(expected.get(name)));
    }

    @RepeatedTest(3)
    void lateUsageOfBilledHoursIsExact() {
        Map<String, List<Late>> expected = late.stream()
                .filter(part -> part.row().hour().isBefore(TO))
                .collect(
                        Collectors.groupingBy(part -> part.row().hour().toString(), TreeMap::new, Collectors.toList()));

        List<Map<String, String>> rows = Report.named("late-usage").list(database.jdbi(), RANGE);

        assertThat(rows).extracting(row -> row.get("hour")).isEqualTo(List.copyOf(expected.keySet()));
        for (Map<String, String> row : rows) {
            List<Late> parts = expected.get(row.get("hour"));
            List<Late> billable = parts.stream()
                    .filter(part -> excluded(part.row()).isEmpty())
                    .toList();
            assertThat(List.of(
                            number(row, "after_invoice"),
                            number(row, "billable"),
                            number(row, "adjusted"),
                            number(row, "merge_no")))
                    .as("seed %d, %s", seed, row)
                    .containsExactly(
                            requests(parts),
                            requests(billable),
                            requests(billable.stream().filter(this::adjusted).toList()),
                            parts.stream().mapToLong(Late::mergeNo).max().orElseThrow());
        }
    }

    private static long requests(List<Late> parts) {
        return parts.stream().mapToLong(Late::requests).sum();
    }

    private String unbilled(Row row, String reason) {
        return usage.key(row).orElseThrow().account() + "/"
                + usage.plan(row).map(plan -> version(plan.id())).orElse("-") + "/" + reason;
    }

    private String version(long plan) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("select version from plan where plan_id = :plan")
                        .bind("plan", plan)
                        .mapTo(String.class)
                        .one());
    }

    private List<Row> counted() {
        return usage.rows().stream().filter(row -> row.hour().isBefore(TO)).toList();
    }

    private String excluded(Row row) {
        Optional<RandomUsage.Plan> plan = usage.plan(row);
        if (row.key() == 0 || row.outcome().equals("unauthorized")) {
            return "no valid key";
        } else if (usage.key(row).isEmpty()) {
            return "key not in this database";
        } else if (!row.metered()) {
            return "route of the edge itself";
        } else if (row.outcome().equals("refused")) {
            return "refused";
        } else if (plan.isEmpty()) {
            return "no plan in force";
        } else if (!plan.get().priced()) {
            return "plan without prices";
        }
        return plan.get().billable().contains(row.outcome()) ? "" : "outcome not billable";
    }

    private String state(Row row) {
        if (invoiceOf(row).isPresent()) {
            return "in its period";
        }
        return held.contains(usage.key(row).orElseThrow().accountId()) ? "account held" : "not finalised yet";
    }

    private Optional<Invoice> invoiceOf(Row row) {
        return usage.plan(row)
                .filter(RandomUsage.Plan::priced)
                .flatMap(plan -> invoices.stream()
                        .filter(invoice ->
                                invoice.covers(usage.key(row).orElseThrow().accountId(), plan.interval(), row.hour()))
                        .findFirst());
    }

    private boolean adjusted(Late part) {
        long billed = invoiceOf(part.row()).orElseThrow().number();
        return adjustments.stream().anyMatch(one -> one.adjusts() == billed && one.mergeNo() >= part.mergeNo());
    }

    private long[] log() {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(
                                "select sum(requests), sum(units), sum(bytes_out) from usage_hourly where hour < :to")
                        .bind("to", TO.atOffset(ZoneOffset.UTC))
                        .map((row, context) -> new long[] {row.getLong(1), row.getLong(2), row.getLong(3)})
                        .one());
    }

    private static long[] step(Map<String, long[]> parts, String... steps) {
        Map<String, long[]> sum = new HashMap<>();
        parts.forEach((name, part) -> {
            if (Arrays.stream(steps).anyMatch(step -> name.startsWith(step + "/"))) {
                add(sum, "", part[0], part[1], part[2]);
            }
        });
        return sum.get("");
    }

    private static void add(Map<String, long[]> sums, String name, long... numbers) {
        long[] sum = sums.computeIfAbsent(name, any -> new long[3]);
        for (int i = 0; i < 3; i++) {
            sum[i] = Math.addExact(sum[i], numbers[i]);
        }
    }

    private static long number(Map<String, String> row, String column) {
        return Long.parseLong(row.get(column));
    }
}
