package io.counterfoil.sql.testing;

import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Random accounts, plans, keys, subscriptions and hours of usage, from a seed, in a database and as plain rows, which reports are held against. With
 * requests without a key, of a key that the database lacks, of the edge's own routes, and byte counts above 2^53.
 */
public final class RandomUsage {
    public static final List<String> OUTCOMES =
            List.of("success", "client_error", "server_error", "refused", "unauthorized");
    /** A key that is in no database. */
    public static final long UNKNOWN_KEY = 987_654;

    private static final List<String> ROUTES = List.of("search", "maps.v2", "-", "counterfoil.usage", "upload");
    private static final List<String> ACCOUNTS = List.of("Acme", "-", "Zebra, \"Inc\"", "äther", "Idle");

    /** A version of a plan; {@code billable}: outcomes; {@code priced}: it has a rate card, in EUR; its anchor is day 1. */
    public record Plan(long id, Set<String> billable, boolean priced, String interval) {}

    public record Key(long id, long accountId, String account, String label) {}

    /** Of an account, or of one of its keys. */
    private record Subscription(long accountId, OptionalLong key, Instant since, Optional<Plan> plan) {}

    /** A row of {@code usage_hourly}. */
    public record Row(
            Instant hour,
            long key,
            String route,
            String outcome,
            long requests,
            long units,
            long bytesIn,
            long bytesOut,
            long durationUs) {
        /** By the measure's name in SQL. */
        public long measured(String measure) {
            return switch (measure) {
                case "requests" -> requests;
                case "units" -> units;
                default -> bytesOut;
            };
        }

        /** Of a route that is not the edge's own. */
        public boolean metered() {
            return !route.startsWith("counterfoil.");
        }
    }

    private final Random random;
    private final List<Plan> plans = new ArrayList<>();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final Map<Long, Key> keys = new HashMap<>();
    private final List<Row> rows = new ArrayList<>();

    private RandomUsage(long seed) {
        random = new Random(seed);
    }

    /** In so many hours from the first on. */
    public static RandomUsage in(TestDatabase database, long seed, Instant first, int hours, int count) {
        RandomUsage usage = new RandomUsage(seed);
        database.jdbi().useTransaction(handle -> {
            usage.insertPlans(handle);
            usage.insertKeys(handle, first, hours);
            usage.insertRows(handle, first, hours, count);
        });
        return usage;
    }

    public List<Row> rows() {
        return rows;
    }

    /** Of a row's number; none for 0 and {@link #UNKNOWN_KEY}. */
    public Optional<Key> key(Row row) {
        return Optional.ofNullable(keys.get(row.key()));
    }

    public Map<Long, Key> keys() {
        return keys;
    }

    /** In force in its hour: by the key's own subscription, else by its account's. */
    public Optional<Plan> plan(Row row) {
        return key(row).flatMap(key -> plan(key, row.hour()));
    }

    private Optional<Plan> plan(Key key, Instant hour) {
        Optional<Plan> own = latest(hour, one -> one.key().equals(OptionalLong.of(key.id())));
        return own.isPresent() ? own : latest(hour, one -> one.key().isEmpty() && one.accountId() == key.accountId());
    }

    private Optional<Plan> latest(Instant hour, Predicate<Subscription> whose) {
        return subscriptions.stream()
                .filter(whose)
                .filter(one -> !one.since().isAfter(hour))
                .max(Comparator.comparing(Subscription::since))
                .flatMap(Subscription::plan);
    }

    /** By the plan in force; success where there is none. */
    public boolean billable(Row row) {
        return row.metered()
                && key(row).isPresent()
                && plan(row).map(Plan::billable).orElse(Set.of("success")).contains(row.outcome());
    }

    private void insertPlans(Handle handle) {
        List<Set<String>> billable = List.of(
                Set.of("success"), Set.of("success", "client_error"), Set.of("server_error"), Set.of("success"));
        for (int i = 0; i < billable.size(); i++) {
            boolean priced = i != 0;
            String interval = i == 3 ? "yearly" : "monthly";
            long id = handle.createQuery("insert into plan (name, version, definition, currency, period_interval,"
                            + " billable_outcomes, created_at) values ('plan', :version, cast(:definition as jsonb), :currency,"
                            + " :interval, :outcomes, now()) returning plan_id")
                    .bind("version", i + 1)
                    .bind("definition", priced ? "{}" : null)
                    .bind("currency", priced ? "EUR" : null)
                    .bind("interval", interval)
                    .bindArray(
                            "outcomes",
                            String.class,
                            billable.get(i).stream().sorted().toArray())
                    .mapTo(Long.class)
                    .one();
            plans.add(new Plan(id, billable.get(i), priced, interval));
        }
    }

    private void insertKeys(Handle handle, Instant first, int hours) {
        for (String account : ACCOUNTS) {
            long accountId = handle.createQuery(
                            "insert into account (name, created_at) values (:name, now()) returning account_id")
                    .bind("name", account)
                    .mapTo(Long.class)
                    .one();
            subscribe(handle, accountId, OptionalLong.empty(), first, hours);
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                String label = "key " + accountId + "-" + i;
                long id = handle.createQuery(
                                "insert into api_key (account_id, label, label_sha256, created_at, version)"
                                        + " values (:account, :label, sha256(:label::bytea), now(), 1) returning key_id")
                        .bind("account", accountId)
                        .bind("label", label)
                        .mapTo(Long.class)
                        .one();
                keys.put(id, new Key(id, accountId, account, label));
                subscribe(handle, accountId, OptionalLong.of(id), first, hours);
            }
        }
    }

    /** Up to three changes, each to the hour; some to no plan. */
    private void subscribe(Handle handle, long accountId, OptionalLong key, Instant first, int hours) {
        Set<Instant> changes = new HashSet<>();
        for (int i = 0; i < random.nextInt(4); i++) {
            changes.add(first.plus(random.nextInt(hours) - hours / 4, ChronoUnit.HOURS));
        }
        for (Instant since : changes) {
            Optional<Plan> plan =
                    random.nextInt(4) == 0 ? Optional.empty() : Optional.of(plans.get(random.nextInt(plans.size())));
            subscriptions.add(new Subscription(accountId, key, since, plan));
            handle.createUpdate(
                            "insert into subscription (account_id, key_id, since, plan_id, actor, reason, created_at)"
                                    + " values (:account, cast(:key as bigint), :since, cast(:plan as bigint), 'erin', 'test', now())")
                    .bind("account", accountId)
                    .bind("key", key.isPresent() ? key.getAsLong() : null)
                    .bind("since", since.atOffset(ZoneOffset.UTC))
                    .bind("plan", plan.map(Plan::id).orElse(null))
                    .execute();
        }
    }

    /** Often the first one of a month: there one period ends and the next begins. */
    private Instant hour(Instant first, int hours) {
        Instant month = first.atOffset(ZoneOffset.UTC)
                .with(TemporalAdjusters.firstDayOfNextMonth())
                .truncatedTo(ChronoUnit.DAYS)
                .toInstant();
        boolean there = month.isBefore(first.plus(hours, ChronoUnit.HOURS));
        return there && random.nextInt(6) == 0 ? month : first.plus(random.nextInt(hours), ChronoUnit.HOURS);
    }

    private void insertRows(Handle handle, Instant first, int hours, int count) {
        List<Long> used = new ArrayList<>(keys.values().stream()
                .filter(key -> !key.account().equals("Idle"))
                .map(Key::id)
                .sorted()
                .toList());
        used.add(0L);
        used.add(UNKNOWN_KEY);
        Set<String> there = new HashSet<>();
        PreparedBatch batch = handle.prepareBatch(
                "insert into usage_hourly (hour, key_id, route, outcome, requests, units,"
                        + " bytes_in, bytes_out, duration_us) values (:hour, :key, :route, :outcome, :requests, :units, :in, :out, :us)");
        for (int i = 0; i < count; i++) {
            Row row = new Row(
                    hour(first, hours),
                    used.get(random.nextInt(used.size())),
                    ROUTES.get(random.nextInt(ROUTES.size())),
                    OUTCOMES.get(random.nextInt(OUTCOMES.size())),
                    1 + random.nextInt(1000),
                    random.nextInt(5000),
                    random.nextInt(1_000_000),
                    random.nextInt(20) == 0 ? (1L << 53) + 1 + random.nextInt(1000) : random.nextInt(1_000_000_000),
                    random.nextInt(1_000_000_000));
            if (there.add(row.hour() + " " + row.key() + " " + row.route() + " " + row.outcome())) {
                rows.add(row);
            }
        }
        rows.stream()
                .map(Row::hour)
                .distinct()
                .forEach(hour -> handle.createQuery("select create_usage_partition(:hour)::text")
                        .bind("hour", hour.atOffset(ZoneOffset.UTC))
                        .mapTo(String.class)
                        .list());
        for (Row row : rows) {
            batch.bind("hour", row.hour().atOffset(ZoneOffset.UTC))
                    .bind("key", row.key())
                    .bind("route", row.route())
                    .bind("outcome", row.outcome())
                    .bind("requests", row.requests())
                    .bind("units", row.units())
                    .bind("in", row.bytesIn())
                    .bind("out", row.bytesOut())
                    .bind("us", row.durationUs())
                    .add();
        }
        batch.execute();
    }
}
