package io.counterfoil.sql.limits;

import io.counterfoil.sql.account.KeyLifeStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.limits.LimitMerge.Used;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigInteger;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Usage, moves, changes of plans, overrides and time at random; after each, limit_usage, flags and notices must be what this class
 * finds by adding up what it did, without SQL.
 */
final class LimitOracleTest {
    private static final Instant START = Instant.parse("2026-10-31T21:40:00Z");
    private static final List<String> OUTCOMES = List.of("success", "success", "client_error", "refused");

    private record Key(long id, long account, String label) {}

    private record OtherQuota(
            boolean ofKey, long subject, String window, String measure, String action, long quota, Instant until) {}

    private final List<Used> everything = new ArrayList<>();
    private final Map<Long, Long> planOf = new TreeMap<>();
    private final Map<Long, List<UsageLimit>> limitsOf = new TreeMap<>();
    private final List<OtherQuota> overrides = new ArrayList<>();
    private final List<Key> keys = new ArrayList<>();
    private final TreeSet<String> crossed = new TreeSet<>();
    private final Map<String, Integer> told = new TreeMap<>();
    /** How often a limit came to a plan: it is another one each time. */
    private final Map<String, Integer> since = new TreeMap<>();

    private Random random;
    private Instant now = START;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void limitsAreWhatAddingUpFinds(long seed) {
        random = new Random(seed);
        LimitedAccounts accounts = new LimitedAccounts(START);
        List<Long> plans = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            List<UsageLimit> limits = limits();
            long plan = accounts.plan("plan-" + i, limits.toArray(UsageLimit[]::new));
            plans.add(plan);
            limitsOf.put(plan, limits);
        }
        for (int a = 0; a < 3; a++) {
            long account = accounts.account("account-" + a);
            for (int k = 0; k < 3; k++) {
                String label = "key-" + a + "-" + k;
                long plan = plans.get(random.nextInt(plans.size()));
                long key = accounts.key(account, plan, label);
                keys.add(new Key(key, account, label));
                planOf.put(key, plan);
            }
        }
        for (int step = 0; step < 35; step++) {
            String done = step(accounts, plans);
            String where = "seed " + seed + ", step " + step + " at " + now + ": " + done;
            assertThat(found(accounts)).as(where).isEqualTo(expected());
            // A notice stays, whatever is lifted later.
            assertThat(notices(accounts)).as(where).isEqualTo(List.copyOf(crossed));
        }
    }

    private List<UsageLimit> limits() {
        Map<String, UsageLimit> limits = new TreeMap<>();
        for (int i = 0; i < 3; i++) {
            String window = List.of("hour", "day", "period").get(random.nextInt(3));
            String measure = List.of("requests", "units", "bytes_out").get(random.nextInt(3));
            String action = List.of("notify", "warn", "refuse").get(random.nextInt(3));
            String scope = List.of("key", "account").get(random.nextInt(2));
            long quota = random.nextInt(8) == 0 ? 0 : 20 + random.nextInt(300);
            limits.put(window + measure + action + scope, new UsageLimit(quota, window, measure, action, scope));
        }
        return List.copyOf(limits.values());
    }

    private String step(LimitedAccounts accounts, List<Long> plans) {
        Key key = keys.get(random.nextInt(keys.size()));
        int what = random.nextInt(10);
        if (what < 5) {
            now = now.plusSeconds(random.nextInt(2400));
            List<Used> rows = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(6); i++) {
                // Late, on time, and by a clock that is ahead.
                Instant hour = now.plusSeconds(3600L * (random.nextInt(4) - 2)).truncatedTo(ChronoUnit.HOURS);
                Used row = new Used(
                        hour,
                        keys.get(random.nextInt(keys.size())).id(),
                        // The edge's own routes count towards nothing.
                        random.nextInt(6) == 0 ? "counterfoil.usage" : "items",
                        OUTCOMES.get(random.nextInt(OUTCOMES.size())),
                        1 + random.nextInt(60),
                        1 + random.nextInt(60),
                        random.nextInt(60));
                if (rows.stream()
                        .noneMatch(each -> each.hour().equals(hour)
                                && each.key() == row.key()
                                && each.route().equals(row.route())
                                && each.outcome().equals(row.outcome()))) {
                    rows.add(row);
                }
            }
            overrides.removeIf(each -> !each.until().isAfter(now));
            everything.addAll(rows);
            LimitMerge.whole(accounts.jdbi(), rows, now);
            touched(rows.stream().map(Used::key).toList());
            return "counted " + rows;
        }
        if (what < 7) {
            long plan = plans.get(random.nextInt(plans.size()));
            boolean moved = new KeyLifeStore(accounts.jdbi()).move(key.label(), plan, now);
            assertThat(moved).isEqualTo(planOf.put(key.id(), plan) != plan);
            touched(keys.stream()
                    .filter(each -> each.account() == key.account())
                    .map(Key::id)
                    .toList());
            return "moved " + key + " to " + plan;
        }
        if (what < 8) {
            long plan = plans.get(random.nextInt(plans.size()));
            List<UsageLimit> limits = limits();
            new LimitStore(accounts.jdbi()).replace(plan, limits, now);
            for (UsageLimit limit : limits) {
                if (!limitsOf.get(plan).contains(limit)) {
                    since.merge(plan + limit.toString(), 1, Integer::sum);
                }
            }
            limitsOf.put(plan, limits);
            touched(keys.stream().map(Key::id).toList());
            return "plan " + plan + " got " + limits;
        }
        return override(accounts, key);
    }

    private String override(LimitedAccounts accounts, Key key) {
        List<UsageLimit> limits = limitsOf.get(planOf.get(key.id()));
        UsageLimit limit = limits.get(random.nextInt(limits.size()));
        boolean ofKey = random.nextBoolean();
        OtherQuota next = new OtherQuota(
                ofKey,
                ofKey ? key.id() : key.account(),
                limit.window(),
                limit.measure(),
                random.nextBoolean() ? limit.action() : "",
                random.nextInt(500),
                now.plusSeconds(1 + random.nextInt(7200)));
        new LimitStore(accounts.jdbi())
                .override(
                        new LimitStore.NewOverride(
                                ofKey ? Optional.of(key.id()) : Optional.empty(),
                                ofKey ? Optional.empty() : Optional.of(key.account()),
                                next.window(),
                                next.measure(),
                                Optional.of(next.action()).filter(text -> !text.isEmpty()),
                                next.quota(),
                                Optional.of(next.until())),
                        new Decision("ops", "test", now));
        overrides.add(0, next);
        touched(keys.stream()
                .filter(each -> each.account() == key.account())
                .map(Key::id)
                .toList());
        return "override " + next;
    }

    /** Whoever's limits a step looked at may have crossed thresholds. */
    private void touched(List<Long> of) {
        pairs().forEach((name, pair) -> {
            if (pair.touches(of, keys)) {
                int threshold = pair.isFrom(100) ? 100 : pair.isFrom(80) ? 80 : 0;
                // Of another quota it is told anew; the higher one tells of the lower.
                String limit = name + " of " + pair.quota + " since " + pair.since;
                if (threshold > told.getOrDefault(limit, 0)) {
                    told.put(limit, threshold);
                    crossed.add(name + " " + threshold);
                }
            }
        });
    }

    private static final class Pair {
        private final long subject;
        private final boolean ofKey;
        private final long quota;
        private final int since;
        private long used;

        Pair(long subject, boolean ofKey, long quota, int since) {
            this.subject = subject;
            this.ofKey = ofKey;
            this.quota = quota;
            this.since = since;
        }

        boolean isFrom(int percent) {
            return BigInteger.valueOf(used)
                            .multiply(BigInteger.valueOf(100))
                            .compareTo(BigInteger.valueOf(quota).multiply(BigInteger.valueOf(percent)))
                    >= 0;
        }

        boolean touches(List<Long> of, List<Key> keys) {
            return keys.stream()
                    .filter(key -> of.contains(key.id()))
                    .anyMatch(key -> (ofKey ? key.id() : key.account()) == subject);
        }
    }

    /** Of each limit, subject and window that has not passed, in which something counts. */
    private Map<String, Pair> pairs() {
        Map<String, Pair> pairs = new TreeMap<>();
        for (Used row : everything) {
            Key key = keys.stream()
                    .filter(each -> each.id() == row.key())
                    .findFirst()
                    .orElseThrow();
            long plan = planOf.get(key.id());
            for (UsageLimit limit : limitsOf.get(plan)) {
                OffsetDateTime hour = row.hour().atOffset(ZoneOffset.UTC);
                OffsetDateTime start = switch (limit.window()) {
                    case "hour" -> hour;
                    case "day" -> hour.truncatedTo(ChronoUnit.DAYS);
                    default -> hour.truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1);
                };
                OffsetDateTime end = switch (limit.window()) {
                    case "hour" -> start.plusHours(1);
                    case "day" -> start.plusDays(1);
                    default -> start.plusMonths(1);
                };
                if (row.route().startsWith("counterfoil.")
                        || !row.outcome().equals("success")
                        || !end.toInstant().isAfter(now)) {
                    continue;
                }
                boolean ofKey = limit.scope().equals("key");
                long subject = ofKey ? key.id() : key.account();
                String name = plan + " " + limit.scope() + " " + limit.window() + " " + limit.measure() + " "
                        + limit.action() + " " + subject + " " + start.toInstant();
                Pair pair = pairs.computeIfAbsent(
                        name,
                        each -> new Pair(
                                subject,
                                ofKey,
                                quota(limit, key, ofKey),
                                since.getOrDefault(plan + limit.toString(), 0)));
                pair.used += switch (limit.measure()) {
                    case "requests" -> row.requests();
                    case "units" -> row.units();
                    default -> row.bytesOut();
                };
            }
        }
        return pairs;
    }

    private long quota(UsageLimit limit, Key key, boolean ofKey) {
        List<OtherQuota> fitting = overrides.stream()
                .filter(each -> each.until().isAfter(now)
                        && each.window().equals(limit.window())
                        && each.measure().equals(limit.measure())
                        && (each.action().isEmpty() || each.action().equals(limit.action())))
                .toList();
        return fitting.stream()
                .filter(each -> each.ofKey() && ofKey && each.subject() == key.id())
                .findFirst()
                .or(() -> fitting.stream()
                        .filter(each -> !each.ofKey() && each.subject() == key.account())
                        .findFirst())
                .map(OtherQuota::quota)
                .orElse(limit.quota());
    }

    /** What is used, and the flag where there is one. */
    private List<String> expected() {
        List<String> expected = new ArrayList<>();
        pairs().forEach((name, pair) -> {
            if (pair.used > 0) {
                String flag = pair.used * 2 < pair.quota
                        ? ""
                        : " flag " + pair.used + "/" + pair.quota + (pair.used >= pair.quota ? " over" : "");
                expected.add(name + " " + pair.used + flag);
            }
        });
        return expected.stream().sorted().toList();
    }

    private List<String> found(LimitedAccounts accounts) {
        return accounts
                .texts(
                        "select l.plan_id || ' ' || l.scope || ' ' || l.time_window || ' ' || l.measure || ' ' || l.action || ' '"
                                + " || u.subject_id || ' ' || to_char(u.window_start at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
                                + " || ' ' || u.used || coalesce(' flag ' || f.used || '/' || f.quota || case when f.over then ' over' else ''"
                                + " end, '') from limit_usage u join plan_limit l using (limit_id) left join flag f on (f.limit_id,"
                                + " f.subject_id, f.window_start) = (u.limit_id, u.subject_id, u.window_start) and not f.lifted"
                                + " where limit_window_end(l.time_window, u.window_start) > '" + now
                                + "' and (u.used > 0 or f.limit_id is"
                                + " not null)")
                .stream()
                .sorted()
                .toList();
    }

    private List<String> notices(LimitedAccounts accounts) {
        return accounts
                .texts(
                        "select distinct l.plan_id || ' ' || l.scope || ' ' || l.time_window || ' ' || l.measure || ' ' || l.action || ' '"
                                + " || n.subject_id || ' ' || to_char(n.window_start at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
                                + " || ' ' || n.threshold from notice n join plan_limit l using (limit_id)")
                .stream()
                .sorted()
                .toList();
    }
}
