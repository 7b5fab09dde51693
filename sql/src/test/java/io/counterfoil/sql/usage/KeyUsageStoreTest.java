package io.counterfoil.sql.usage;

import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import static org.assertj.core.api.Assertions.assertThat;

final class KeyUsageStoreTest {
    private static final Instant NOW = Instant.parse("2026-03-02T10:20:30Z");
    private static final Instant HOUR = Instant.parse("2026-03-02T10:00:00Z");

    private final Jdbi jdbi = TestDatabase.fresh().jdbi();
    private final KeyUsageStore store = new KeyUsageStore(jdbi);

    private long key(String label, UsageLimit... limits) {
        long account = new AccountStore(jdbi).create("Acme", Optional.empty(), NOW);
        long plan = new PlanStore(jdbi).create("small", List.of(limits), NOW);
        KeyStore keys = new KeyStore(jdbi);
        keys.create(
                List.of(new KeyStore.NewKey(
                        account, Optional.of(plan), label, Optional.of(KeyStore.hash(label)), "test")),
                NOW);
        return keys.byHash(List.of(KeyStore.hash(label))).values().iterator().next();
    }

    private void used(String hour, long key, String route, String outcome, long requests, long bytes) {
        jdbi.useHandle(handle -> {
            handle.createQuery("select create_usage_partition(cast(:hour as timestamptz))")
                    .bind("hour", hour)
                    .mapTo(String.class)
                    .list();
            handle.execute(
                    "insert into usage_hourly values (?::timestamptz, ?, ?, ?, ?, ?, 0, ?, 1)",
                    hour,
                    key,
                    route,
                    outcome,
                    requests,
                    2 * requests,
                    bytes);
        });
    }

    @Test
    void tellsThe48HoursThePeriodAndEachLimitInItsWindow() {
        long key = key("a", UsageLimit.parse("1000/hour", "refuse"), UsageLimit.parse("1MiB/day", "notify", "account"));
        used("2026-03-02T10:00Z", key, "items", "success", 7, 700);
        used("2026-03-02T10:00Z", key, "items", "refused", 3, 30);
        used("2026-03-02T10:00Z", key, "more", "server_error", 2, 20);
        // The first of the 48 hours, which is in the month before; the one before it; the period's first hour.
        used("2026-02-28T11:00Z", key, "items", "success", 5, 50);
        used("2026-02-28T10:00Z", key, "items", "success", 100, 1);
        used("2026-03-01T00:00Z", key, "items", "success", 11, 110);
        jdbi.useHandle(handle -> handle.execute(
                "insert into limit_usage (limit_id, subject_id, window_start, resets_at, used) select limit_id, ?,"
                        + " '2026-03-02T10:00Z', '2026-03-02T11:00Z', 7 from plan_limit where scope = 'key'",
                key));
        jdbi.useHandle(
                handle -> handle.execute(
                        "insert into stream_mark values ('e', '1', 0, 1, 1, 1772446825000000, false), ('e', '1', 1, 1, 1, 1772999999000000, false)"));

        KeyUsage usage = store.read(key, NOW).orElseThrow();

        assertThat(List.of(usage.label(), usage.account(), usage.plan()))
                .isEqualTo(List.of(Optional.of("a"), Optional.of("Acme"), Optional.of("small")));
        assertThat(usage.asOf())
                .as("the newest that is not ahead of the clock")
                .contains(Instant.parse("2026-03-02T10:20:25Z"));
        assertThat(usage.hours()).hasSize(48);
        assertThat(usage.hours().get(47))
                .isEqualTo(new KeyUsage.Span(HOUR, HOUR.plus(Duration.ofHours(1)), 12, 7, 3, 14, 700));
        assertThat(usage.hours().get(0).requests()).isEqualTo(5);
        assertThat(usage.hours().stream().mapToLong(KeyUsage.Span::requests).sum())
                .isEqualTo(12 + 5 + 11);
        assertThat(usage.period())
                .contains(new KeyUsage.Span(
                        Instant.parse("2026-03-01T00:00:00Z"),
                        Instant.parse("2026-04-01T00:00:00Z"),
                        23,
                        18,
                        3,
                        36,
                        810));
        assertThat(usage.limits())
                .containsExactly(
                        new KeyUsage.LimitUse(
                                "key",
                                "hour",
                                "requests",
                                "refuse",
                                1000,
                                OptionalLong.of(7),
                                HOUR,
                                HOUR.plus(Duration.ofHours(1))),
                        new KeyUsage.LimitUse(
                                "account",
                                "day",
                                "bytes_out",
                                "notify",
                                1 << 20,
                                OptionalLong.of(0),
                                Instant.parse("2026-03-02T00:00:00Z"),
                                Instant.parse("2026-03-03T00:00:00Z")));
        assertThat(store.read(key + 1, NOW)).isEmpty();
    }

    @Test
    void theEdgesOwnRoutesAreNoUse() {
        long key = key("a");
        used("2026-03-02T10:00Z", key, "counterfoil.usage", "success", 7, 700);
        used("2026-03-02T10:00Z", key, "counterfoilx", "success", 1, 1);

        KeyUsage usage = store.read(key, NOW).orElseThrow();

        assertThat(usage.hours().get(47).requests()).isEqualTo(1);
        assertThat(usage.asOf()).isEmpty();
    }
}
