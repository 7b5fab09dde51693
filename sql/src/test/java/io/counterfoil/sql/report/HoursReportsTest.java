package io.counterfoil.sql.report;

import io.counterfoil.sql.testing.RandomUsage;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;

/** How complete periods are, and what came late, in a JVM far from UTC. */
final class HoursReportsTest {
    private static final Instant FIRST = Instant.parse("2026-02-27T20:00:00Z");
    private static final int HOURS = 60;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final TimeZone zone = TimeZone.getDefault();
    private final TestDatabase database = TestDatabase.fresh();

    /** An edge on the roster, or a source (without until). */
    private record Awaited(String name, boolean edge, Instant since, Instant until, Instant through) {
        boolean awaitedIn(Instant hour, Instant at) {
            Instant end = hour.plus(1, ChronoUnit.HOURS);
            boolean ended = !end.isAfter(at);
            if (!since.isBefore(end) || !until.isAfter(hour)) {
                return false;
            } else if (!edge) {
                return ended && through.isBefore(end);
            }
            Instant due = ended ? end : at.minus(2, ChronoUnit.MINUTES);
            return through.isBefore(due.isBefore(until) ? due : until);
        }
    }

    @BeforeEach
    void inAuckland() {
        TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
    }

    @AfterEach
    void back() {
        TimeZone.setDefault(zone);
    }

    @RepeatedTest(4)
    void completenessAddsUpTheHoursAndTheirRequests() {
        RandomUsage usage = RandomUsage.in(database, seed, FIRST, HOURS, 150);
        Instant at = FIRST.plus(Duration.ofMinutes(60L * (HOURS - 5) + random.nextInt(240)));
        List<Awaited> awaited = new ArrayList<>();
        database.jdbi().useTransaction(handle -> {
            for (int i = 0; i < 4; i++) {
                awaited.add(await(handle, i));
            }
            for (int i = 0; i < HOURS; i += 2) {
                handle.createUpdate("insert into hour_status values (:hour, now(), case when :revised then now() end)")
                        .bind("hour", utc(FIRST.plus(i, ChronoUnit.HOURS)))
                        .bind("revised", random.nextBoolean())
                        .execute();
            }
        });
        for (String by : List.of("day", "month")) {
            Map<String, String> at1 = Map.of("at", at.toString());
            // Each hour's status is HoursOracleTest's to prove.
            Map<String, String> statuses = new TreeMap<>();
            Report.named("hours")
                    .list(database.jdbi(), at1)
                    .forEach(row -> statuses.put(row.get("hour"), row.get("status")));
            Map<String, Map<String, String>> expected = new TreeMap<>();
            statuses.keySet().stream()
                    .collect(Collectors.groupingBy(hour -> period(hour, by)))
                    .forEach((period, hours) -> expected.put(period, row(period, hours, statuses, usage, awaited, at)));

            assertThat(Report.named("completeness").list(database.jdbi(), Map.of("at", at.toString(), "by", by)))
                    .as("seed %d", seed)
                    .isEqualTo(List.copyOf(expected.values()));
        }
    }

    private static Map<String, String> row(
            String period,
            List<String> hours,
            Map<String, String> statuses,
            RandomUsage usage,
            List<Awaited> awaited,
            Instant at) {
        Map<String, String> row = new HashMap<>();
        row.put("period", period);
        row.put("hours", "" + hours.size());
        for (String status : List.of("complete", "revised", "incomplete", "running")) {
            row.put(
                    status,
                    ""
                            + hours.stream()
                                    .filter(hour -> statuses.get(hour).equals(status))
                                    .count());
        }
        row.put("requests", "" + requests(usage, hours));
        row.put(
                "requests_incomplete",
                ""
                        + requests(
                                usage,
                                hours.stream()
                                        .filter(hour -> statuses.get(hour).equals("incomplete"))
                                        .toList()));
        Instant begin = awaited.stream()
                .map(Awaited::since)
                .min(Comparator.naturalOrder())
                .orElseThrow()
                .truncatedTo(ChronoUnit.HOURS);
        Map<String, Long> waiting = new TreeMap<>();
        for (String text : hours) {
            Instant hour = Instant.parse(text);
            awaited.stream()
                    .filter(one -> one.awaitedIn(hour, at))
                    .forEach(one -> waiting.merge(one.name(), 1L, Long::sum));
            if (hour.isBefore(begin)) {
                waiting.merge("nobody was on the roster", 1L, Long::sum);
            }
        }
        String names = waiting.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(one -> one.getKey() + " (" + one.getValue() + ")")
                .collect(Collectors.joining(", "));
        row.put("waits_for", names.isEmpty() ? "-" : names);
        return row;
    }

    private static long requests(RandomUsage usage, List<String> hours) {
        return usage.rows().stream()
                .filter(row -> hours.contains(row.hour().toString()))
                .mapToLong(RandomUsage.Row::requests)
                .sum();
    }

    private static String period(String hour, String by) {
        return by.equals("day") ? hour.substring(0, 10) : hour.substring(0, 7) + "-01";
    }

    private Awaited await(Handle handle, int number) {
        Instant since = FIRST.plus(Duration.ofMinutes(random.nextInt(60 * HOURS / 2)));
        Instant until = random.nextBoolean()
                ? Instant.parse("2999-01-01T00:00:00Z")
                : since.plus(Duration.ofMinutes(1 + random.nextInt(60 * HOURS / 2)));
        Instant through = since.plus(Duration.ofMinutes(random.nextInt(60 * HOURS)));
        Awaited edge = new Awaited("edge-" + number, number < 2, since, until, through);
        if (edge.edge()) {
            handle.createUpdate(
                            "insert into edge_roster (edge, since, until, through) values (:name, :since, :until, :through)")
                    .bind("name", edge.name())
                    .bind("since", utc(since))
                    .bind("until", utc(until))
                    .bind("through", utc(through))
                    .execute();
            return edge;
        }
        Awaited source = new Awaited("source-" + number, false, since, Instant.MAX, through);
        handle.createUpdate("insert into source (source, since, closed_through) values (:name, :since, :through)")
                .bind("name", source.name())
                .bind("since", utc(since))
                .bind("through", utc(through))
                .execute();
        return source;
    }

    @Test
    void lateUsageNamesTheRollupsThatCameAfterTheHourWasComplete() {
        database.jdbi().useTransaction(handle -> {
            handle.execute(
                    "insert into hour_status values ('2026-03-01T10:00Z', '2026-03-01T11:00:10Z', '2026-03-02T09:00Z')");
            handle.execute("insert into hour_status values ('2026-03-01T11:00Z', '2026-03-01T12:00:10Z', null)");
            handle.execute("select create_usage_partition('2026-03-01T00:00Z')");
            handle.execute(
                    "insert into usage_hourly values ('2026-03-01T10:00Z', 0, '-', 'success', 500, 500, 0, 0, 0)");
            // The one that completed it; two later ones, and one of other hours; then a second look.
            segment(handle, 1, "2026-03-01T11:00:10Z", "2026-03-01T10:10:00Z", "2026-03-01T10:50:00Z", 400);
            segment(handle, 2, "2026-03-01T15:00:00Z", "2026-03-01T10:59:00Z", "2026-03-01T11:30:00Z", 30);
            segment(handle, 3, "2026-03-02T08:00:00Z", "2026-03-01T09:00:00Z", "2026-03-01T12:30:00Z", 20);
            segment(handle, 4, "2026-03-02T08:30:00Z", "2026-03-01T11:00:00Z", "2026-03-01T12:30:00Z", 99);
            handle.execute("insert into batch (planned_at, committed_at) values (now(), '2026-03-02T09:00Z')");
            handle.execute(
                    "insert into repair (kind, edge, epoch, stream, number, seal, before, asked_at, actor, why, batch_id,"
                            + " judged_at, counted) values ('rejects', 'edge-1', 'e', 0, 1, 's', '7 rejects', now(), 'erin', 'clock', 5, now(), 7)");
        });

        assertThat(Report.named("late-usage").list(database.jdbi(), Map.of()))
                .containsExactly(Map.of(
                        "hour", "2026-03-01T10:00:00Z",
                        "completed_at", "2026-03-01T11:00:10Z",
                        "revised_at", "2026-03-02T09:00:00Z",
                        "batches", "3",
                        "late_at_most", "57",
                        "after_invoice", "0",
                        "billable", "0",
                        "adjusted", "0",
                        "merge_no", "-",
                        "requests", "500"));
    }

    @Test
    void anHourThatWasBilledIncompleteAndIsCompleteSinceSaysWhen() {
        database.jdbi().useTransaction(handle -> {
            handle.execute("select create_usage_partition('2026-03-01T00:00Z')");
            handle.execute("insert into account (name, created_at) values ('Acme', now())");
            handle.execute("insert into api_key (account_id, label, label_sha256, created_at, version)"
                    + " select account_id, 'acme-1', sha256('acme-1'), now(), 1 from account");
            for (String hour : List.of("2026-03-01T10:00Z", "2026-03-01T11:00Z")) {
                handle.execute(
                        "insert into usage_hourly select ?::timestamptz, key_id, '-', 'success', 50, 50, 0, 0, 0 from api_key",
                        hour);
                handle.execute(
                        "insert into usage_restatement select 1, ?::timestamptz, key_id, '-', 'success', 5, 5, 0, 0, 0, 7"
                                + " from api_key",
                        hour);
            }
            // The late merge itself completed it; of the other one, something is missing still.
            handle.execute("insert into hour_status values ('2026-03-01T10:00Z', '2026-03-02T09:00Z', null)");
            segment(handle, 1, "2026-03-02T09:00:00Z", "2026-03-01T10:10:00Z", "2026-03-01T10:50:00Z", 40);
            segment(handle, 2, "2026-03-02T10:00:00Z", "2026-03-01T10:59:00Z", "2026-03-01T11:30:00Z", 30);
        });
        assertThat(Report.named("late-usage").list(database.jdbi(), Map.of()).stream()
                        .map(row -> row.get("hour") + " " + row.get("completed_at") + " " + row.get("revised_at") + " "
                                + row.get("batches") + " " + row.get("after_invoice")))
                .containsExactly("2026-03-01T10:00:00Z 2026-03-02T09:00:00Z - - 5", "2026-03-01T11:00:00Z - - - 5");
    }

    private static void segment(Handle handle, int number, String committed, String first, String last, long counted) {
        handle.execute("insert into batch (planned_at, committed_at) values (now(), ?::timestamptz)", committed);
        handle.execute(
                "insert into ledger (edge, epoch, stream, number, batch_id, verdict, first_seq, last_seq, counted, rejected,"
                        + " first_ts_us, last_ts_us, through_us, end_of_stream, sha256)"
                        + " values ('edge-1', 'e', 0, ?, ?, 'counted', ?, ?, ?, 0, ?, ?, ?, false, '')",
                number,
                number,
                number * 1000L,
                number * 1000L + counted - 1,
                counted,
                micros(first),
                micros(last),
                micros(last));
    }

    private static long micros(String time) {
        return Instant.parse(time).getEpochSecond() * 1_000_000;
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
