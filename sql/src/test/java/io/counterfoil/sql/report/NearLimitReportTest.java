package io.counterfoil.sql.report;

import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.RepeatedTest;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

/** Who is near a limit, under random use and overrides, against plain Java. */
final class NearLimitReportTest {
    private static final Instant AT = Instant.parse("2026-03-01T12:30:00Z");
    private static final int QUOTA = 100;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final TestDatabase database = TestDatabase.fresh();

    private record Limit(long id, String scope, String window, String measure) {}

    /** Of key {@code key}, or of the account where it is 0. */
    private record Raised(long key, String window, String measure, long quota, boolean inForce) {}

    @RepeatedTest(3)
    void whoIsAtThePercentOrAboveIsListedTheFullestFirst() {
        database.limitEveryKey();
        List<Raised> overrides = new ArrayList<>();
        List<Map<String, String>> all = new ArrayList<>();
        database.jdbi().useTransaction(handle -> {
            for (int i = 0; i < 15; i++) {
                overrides.add(insertOverride(handle));
            }
            for (Limit limit : limits(handle)) {
                for (long key = limit.scope().equals("key") ? 1 : 0;
                        key <= (limit.scope().equals("key") ? 9 : 0);
                        key++) {
                    insertUse(handle, limit, key, overrides).ifPresent(all::add);
                }
            }
        });
        for (int percent : List.of(0, 80, 100)) {
            List<Map<String, String>> expected = all.stream()
                    .filter(row -> new BigDecimal(row.get("used"))
                                    .multiply(BigDecimal.valueOf(100))
                                    .compareTo(new BigDecimal(row.get("quota")).multiply(BigDecimal.valueOf(percent)))
                            >= 0)
                    .sorted(Comparator.comparing(NearLimitReportTest::fullness)
                            .reversed()
                            .thenComparing(row -> row.get("key")))
                    .toList();

            List<Map<String, String>> actual = Report.named("near-limit")
                    .list(database.jdbi(), Map.of("percent", "" + percent, "at", AT.toString()));

            assertThat(actual).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(actual)
                    .as("seed %d", seed)
                    .extracting(NearLimitReportTest::fullness)
                    .isEqualTo(
                            expected.stream().map(NearLimitReportTest::fullness).toList());
        }
    }

    private static BigDecimal fullness(Map<String, String> row) {
        BigDecimal quota = new BigDecimal(row.get("quota"));
        return quota.signum() == 0
                ? BigDecimal.valueOf(Long.MAX_VALUE)
                : new BigDecimal(row.get("used")).divide(quota, 20, RoundingMode.HALF_UP);
    }

    private static List<Limit> limits(Handle handle) {
        return handle.createQuery("select limit_id, scope, time_window, measure from plan_limit order by limit_id")
                .map((row, context) -> new Limit(row.getLong(1), row.getString(2), row.getString(3), row.getString(4)))
                .list();
    }

    private Raised insertOverride(Handle handle) {
        Raised made = new Raised(
                random.nextInt(4),
                List.of("hour", "day", "period").get(random.nextInt(3)),
                List.of("requests", "units", "bytes_out").get(random.nextInt(3)),
                random.nextInt(3) == 0 ? 0 : random.nextInt(200),
                random.nextBoolean());
        handle.createUpdate(
                        "insert into limit_override (key_id, account_id, time_window, measure, quota, until, actor, reason,"
                                + " created_at, version) select nullif(:key, 0), case :key when 0 then account_id end, :window, :measure,"
                                + " :quota, :until, 'erin', 'test', now(), 1 from account")
                .bind("key", made.key())
                .bind("window", made.window())
                .bind("measure", made.measure())
                .bind("quota", made.quota())
                .bind("until", AT.plusSeconds(made.inForce() ? 1 : -1).atOffset(ZoneOffset.UTC))
                .execute();
        return made;
    }

    /** The row that tells of it, where its window has not passed. */
    private Optional<Map<String, String>> insertUse(Handle handle, Limit limit, long key, List<Raised> overrides) {
        boolean passed = random.nextInt(4) == 0;
        long used = 1L + random.nextInt(150);
        Instant start = passed ? AT.minusSeconds(86_400) : Instant.parse("2026-03-01T12:00:00Z");
        Instant end = passed ? AT : Instant.parse("2026-03-01T13:00:00Z");
        handle.createUpdate(
                        "insert into limit_usage (limit_id, subject_id, window_start, resets_at, used)"
                                + " select :limit, case :key when 0 then account_id else :key end, :start, :end, :used from account")
                .bind("limit", limit.id())
                .bind("key", key)
                .bind("start", start.atOffset(ZoneOffset.UTC))
                .bind("end", end.atOffset(ZoneOffset.UTC))
                .bind("used", used)
                .execute();
        long quota = quota(limit, key, overrides);
        Map<String, String> row = new HashMap<>();
        row.put("account", "limited");
        row.put("key", key == 0 ? "-" : "key-" + key);
        row.put("plan", "every-limit");
        row.put("time_window", limit.window());
        row.put("measure", limit.measure());
        row.put("over", "warn");
        row.put("used", "" + used);
        row.put("quota", "" + quota);
        row.put(
                "percent",
                quota == 0
                        ? "-"
                        : BigDecimal.valueOf(100 * used)
                                .divide(BigDecimal.valueOf(quota), 1, RoundingMode.HALF_UP)
                                .toPlainString());
        row.put("window_start", start.toString());
        row.put("resets_at", end.toString());
        return passed ? Optional.empty() : Optional.of(row);
    }

    /** The newest override of the key, else of the account, else the plan's. */
    private static long quota(Limit limit, long key, List<Raised> overrides) {
        long quota = QUOTA;
        for (long subject : key == 0 ? new long[] {0} : new long[] {0, key}) {
            for (Raised one : overrides) {
                if (one.inForce()
                        && one.key() == subject
                        && one.window().equals(limit.window())
                        && one.measure().equals(limit.measure())) {
                    quota = one.quota();
                }
            }
        }
        return quota;
    }
}
