package io.counterfoil.sql.testing;

import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Random accounts, plans, keys and hours of usage, from a seed, in a database and as plain rows, which reports are held against. With
 * requests without a key, of a key that the database lacks, of the edge's own routes, and byte counts above 2^53.
 */
public final class RandomUsage {
    public static final List<String> OUTCOMES =
            List.of("success", "client_error", "server_error", "refused", "unauthorized");
    /** A key that is in no database. */
    public static final long UNKNOWN_KEY = 987_654;

    private static final List<String> ROUTES = List.of("search", "maps.v2", "-", "counterfoil.usage", "upload");
    private static final List<String> ACCOUNTS = List.of("Acme", "-", "Zebra, \"Inc\"", "äther", "Idle");

    /** A key; {@code billable}: its plan's outcomes. */
    public record Key(long id, String account, String label, Optional<Set<String>> billable) {}

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
    private final Map<Long, Key> keys = new HashMap<>();
    private final List<Row> rows = new ArrayList<>();

    private RandomUsage(long seed) {
        random = new Random(seed);
    }

    /** In so many hours from the first on. */
    public static RandomUsage in(TestDatabase database, long seed, Instant first, int hours, int count) {
        RandomUsage usage = new RandomUsage(seed);
        database.jdbi().useTransaction(handle -> {
            usage.insertKeys(handle);
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

    /** By its key's plan; success where it has none. */
    public boolean billable(Row row) {
        return row.metered()
                && key(row).filter(
                                key -> key.billable().orElse(Set.of("success")).contains(row.outcome()))
                        .isPresent();
    }

    private void insertKeys(Handle handle) {
        List<Set<String>> plans = List.of(Set.of("success"), Set.of("success", "client_error"), Set.of());
        for (int i = 0; i < plans.size(); i++) {
            handle.createUpdate(
                            "insert into plan (name, billable_outcomes, created_at) values (:name, :outcomes, now())")
                    .bind("name", "plan-" + i)
                    .bindArray(
                            "outcomes",
                            String.class,
                            plans.get(i).stream().sorted().toArray())
                    .execute();
        }
        for (String account : ACCOUNTS) {
            handle.execute("insert into account (name, created_at) values (?, now())", account);
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                int plan = random.nextInt(plans.size() + 1);
                String label = "key " + account.length() + "-" + i;
                long id = handle.createQuery(
                                "insert into api_key (account_id, plan_id, label, label_sha256, created_at, version)"
                                        + " select account_id, (select plan_id from plan where name = :plan), :label,"
                                        + " sha256(:label::bytea), now(), 1 from account where name = :account returning key_id")
                        .bind("plan", "plan-" + plan)
                        .bind("label", label)
                        .bind("account", account)
                        .mapTo(Long.class)
                        .one();
                Optional<Set<String>> billable = plan < plans.size() ? Optional.of(plans.get(plan)) : Optional.empty();
                keys.put(id, new Key(id, account, label, billable));
            }
        }
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
                    first.plus(random.nextInt(hours), ChronoUnit.HOURS),
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
