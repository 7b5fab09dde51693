package io.counterfoil.sql.account;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.SubscriptionStore.Change;
import io.counterfoil.sql.account.SubscriptionStore.Subject;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.snapshot.SnapshotStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class SubscriptionStoreTest {
    private static final Instant HOUR = Instant.parse("2026-11-01T12:00:00Z");
    private static final Instant NOW = HOUR.plusSeconds(1800);
    private static final Duration ONE = Duration.ofHours(1);

    private final TestDatabase database = TestDatabase.fresh();
    private final Jdbi jdbi = database.jdbi();
    private final SubscriptionStore store = new SubscriptionStore(jdbi);
    private final KeyLifeStore life = new KeyLifeStore(jdbi);
    private final long account = new AccountStore(jdbi).create("Acme", Optional.empty(), HOUR);
    private final long small = plan("small", "100/hour");
    private final long large = plan("large", "5000/hour");

    private long plan(String name, String limit) {
        return new PlanStore(jdbi).create(name, List.of(UsageLimit.parse(limit, "refuse")), HOUR);
    }

    private void key(String label, Optional<Long> plan, Instant now) {
        Optional<String> secret = Optional.of(KeyStore.hash("secret of " + label));
        new KeyStore(jdbi).create(List.of(new KeyStore.NewKey(account, plan, label, secret, "test")), now);
    }

    private Change ofAccount(Optional<Long> plan, Instant since, Instant now) {
        return change(new Subject(account, Optional.empty()), plan, since, now);
    }

    private static Change change(Subject subject, Optional<Long> plan, Instant since, Instant now) {
        return new Change(subject, since, plan, new Decision("ops", "they asked", now), "test");
    }

    @Test
    void keysFollowTheirAccountUnlessTheyHaveAPlanOfTheirOwn() {
        key("follows", Optional.empty(), NOW);
        key("own", Optional.of(large), NOW);
        assertThat(plans()).containsExactly("follows -", "own large");

        assertThat(store.subscribe(ofAccount(Optional.of(small), HOUR, NOW))).isTrue();
        key("later", Optional.empty(), NOW);
        assertThat(plans()).containsExactly("follows small", "later small", "own large");

        assertThat(store.subscribe(change(life.subject("own"), Optional.empty(), HOUR.plus(ONE), NOW)))
                .isTrue();
        assertThat(plans()).as("an hour ahead").contains("own large");
        assertThat(store.takeEffect(NOW)).isZero();
        assertThat(store.takeEffect(NOW.plus(ONE))).isEqualTo(1);
        assertThat(plans()).containsExactly("follows small", "later small", "own small");
        assertThat(store.takeEffect(NOW.plus(ONE))).isZero();
    }

    @Test
    void whatTakesEffectIsCountedAnewAndEdgesLearnOfIt() {
        key("acme", Optional.of(small), NOW);
        long key = life.require("acme");
        use(key, HOUR.plus(ONE), 500);
        Subject subject = life.subject("acme");
        store.subscribe(change(subject, Optional.of(large), HOUR.plus(ONE), NOW));
        long before = version();

        store.takeEffect(NOW.plus(ONE));

        assertThat(version()).isEqualTo(before + 1);
        assertThat(new SnapshotStore(jdbi).changesSince(before, NOW.plus(ONE)).keys())
                .singleElement()
                .matches(row -> row.keyId() == key && row.planId() == large);
        assertThat(texts("select l.plan_id || ' ' || u.used from limit_usage u join plan_limit l using (limit_id)"))
                .containsExactly(large + " 500");
        assertThat(database.limitFaults(NOW.plus(ONE))).isEmpty();
        store.takeEffect(NOW.plus(ONE));
        assertThat(version()).as("nothing is due").isEqualTo(before + 1);
    }

    @Test
    void aChangeToTheSamePlanChangesNothing() {
        key("acme", Optional.empty(), NOW);
        store.subscribe(ofAccount(Optional.of(small), HOUR, NOW));
        long before = version();

        assertThat(store.subscribe(ofAccount(Optional.of(small), HOUR, NOW))).isFalse();
        assertThat(store.subscribe(ofAccount(Optional.of(small), HOUR.plus(ONE), NOW)))
                .isFalse();
        assertThat(store.subscribe(List.of(ofAccount(Optional.of(small), HOUR, NOW)), NOW))
                .isZero();
        assertThat(store.subscribe(change(life.subject("acme"), Optional.empty(), HOUR, NOW)))
                .as("it has no plan of its own to end")
                .isFalse();
        assertThat(rows()).containsExactly("account 12:00 small ops");
        assertThat(version()).isEqualTo(before);
    }

    @Test
    void ofTwoChangesOfOneHourTheFirstGivesWayAndStays() {
        key("acme", Optional.of(small), NOW);
        assertThat(life.move("acme", large, NOW)).isTrue();
        assertThat(life.move("acme", large, NOW)).isFalse();
        store.subscribe(ofAccount(Optional.of(small), HOUR, NOW));
        store.subscribe(ofAccount(Optional.empty(), HOUR, NOW));

        assertThat(rows())
                .containsExactly(
                        "account 12:00 none ops",
                        "account 12:00 small ops replaced",
                        "key 12:00 large counterfoil",
                        "key 12:00 small counterfoil replaced");
        assertThat(plans()).containsExactly("acme large");
    }

    @Test
    void aChangeOfThePastLeavesWhatIsInForceNow() {
        key("acme", Optional.empty(), NOW);
        store.subscribe(ofAccount(Optional.of(large), HOUR, NOW));
        Instant longAgo = Instant.parse("2016-02-20T05:00:00Z");
        assertThat(store.subscribe(ofAccount(Optional.of(small), longAgo, NOW))).isTrue();

        assertThat(plans()).containsExactly("acme large");
        assertThat(
                        texts(
                                "select plan_id || ' ' || own || ' ' || to_char(since at time zone 'UTC', 'YYYY') from key_plan order by since"))
                .containsExactly(small + " false 2016", large + " false 2026");
    }

    @Test
    void hoursOfAFinalInvoiceAreNotTouched() {
        key("acme", Optional.of(small), HOUR.minus(ONE));
        invoice(HOUR);
        assertThatThrownBy(() -> store.subscribe(ofAccount(Optional.of(small), HOUR.minus(ONE), NOW)))
                .isInstanceOf(OperatorException.class)
                .hasMessage(
                        "since is 2026-11-01T11:00:00Z (test), expected 2026-11-01T12:00:00Z or later: hours of account"
                                + " 'Acme' before that are on final invoice 1, which never changes; what it bills too much is taken back"
                                + " by: counterfoil invoice credit 1 --reason WHY");
        assertThatThrownBy(() -> store.subscribe(
                        List.of(
                                ofAccount(Optional.of(small), HOUR, NOW),
                                change(life.subject("acme"), Optional.of(large), HOUR.minus(ONE), NOW)),
                        NOW))
                .hasMessageContaining("on final invoice 1");
        assertThat(rows()).as("all or none").containsExactly("key 11:00 small counterfoil");
        assertThat(store.subscribe(ofAccount(Optional.of(small), HOUR, NOW))).isTrue();
    }

    @Test
    void whatStandsAlreadyMayStandInHoursOfAFinalInvoice() {
        key("acme", Optional.of(small), HOUR.minus(ONE));
        Change ofAccount = ofAccount(Optional.of(large), HOUR.minus(ONE), NOW);
        Change ofKey = change(life.subject("acme"), Optional.of(small), HOUR.minus(ONE), NOW);
        Change none = ofAccount(Optional.empty(), HOUR.minus(ONE.multipliedBy(2)), NOW);
        store.subscribe(List.of(ofAccount, none), NOW);
        invoice(HOUR);
        List<String> before = rows();

        assertThat(store.subscribe(List.of(ofAccount, ofKey, none), NOW)).isZero();
        assertThat(rows()).isEqualTo(before);
        assertThat(store.subscribe(
                        List.of(ofAccount, ofKey, ofAccount(Optional.of(small), HOUR.plus(ONE), NOW), none), NOW))
                .isEqualTo(1);
        for (Change other : List.of(
                ofAccount(Optional.of(small), HOUR.minus(ONE), NOW),
                ofAccount(Optional.empty(), HOUR.minus(ONE), NOW),
                ofAccount(Optional.of(small), HOUR.minus(ONE.multipliedBy(2)), NOW),
                change(life.subject("acme"), Optional.of(large), HOUR.minus(ONE), NOW))) {
            assertThatThrownBy(() -> store.subscribe(List.of(ofAccount, other), NOW))
                    .as("another plan there")
                    .hasMessageContaining("on final invoice 1");
        }
    }

    @Test
    void whatGaveWayStandsNoMore() {
        Change first = ofAccount(Optional.of(small), HOUR.minus(ONE), NOW);
        store.subscribe(first);
        store.subscribe(ofAccount(Optional.of(large), HOUR.minus(ONE), NOW));
        invoice(HOUR);

        assertThatThrownBy(() -> store.subscribe(List.of(first), NOW)).hasMessageContaining("on final invoice 1");
    }

    /** As where this machine's clock is behind that of whoever finalised. */
    @Test
    void aNewKeysOwnPlanBeginsWhereTheLastInvoiceEnds() {
        long other = new AccountStore(jdbi).create("Other", Optional.empty(), HOUR);
        invoice(HOUR.plus(ONE));
        key("acme", Optional.of(small), NOW);
        new KeyStore(jdbi)
                .create(
                        List.of(new KeyStore.NewKey(
                                other,
                                Optional.of(large),
                                "other",
                                Optional.of(KeyStore.hash("secret of other")),
                                "test")),
                        NOW);

        assertThat(rows()).containsExactly("key 12:00 large counterfoil", "key 13:00 small counterfoil");
        assertThat(plans()).as("its limits hold at once").containsExactly("acme small", "other large");
        store.takeEffect(NOW);
        assertThat(plans()).containsExactly("acme small", "other large");
    }

    /** Who finalises holds control_version: the key waits, and then sees the invoice. */
    @Test
    void aNewKeyThatWaitsForAnInvoiceSeesIt() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Handle finaliser = jdbi.open()) {
            finaliser.begin();
            ControlVersion.hold(finaliser);
            Future<?> created = other.submit(() -> key("acme", Optional.of(small), NOW));
            while (!waitsForALock()) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            insertInvoice(finaliser, HOUR.plus(ONE));
            finaliser.commit();
            created.get(30, TimeUnit.SECONDS);

            assertThat(rows()).containsExactly("key 13:00 small counterfoil");
        } finally {
            other.shutdown();
        }
    }

    @Test
    void aChangeThatWaitsForAnInvoiceSeesIt() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Handle finaliser = jdbi.open()) {
            finaliser.begin();
            ControlVersion.hold(finaliser);
            Future<Boolean> change =
                    other.submit(() -> store.subscribe(ofAccount(Optional.of(small), HOUR.minus(ONE), NOW)));
            while (!waitsForALock()) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            insertInvoice(finaliser, HOUR);
            finaliser.commit();

            assertThatThrownBy(() -> change.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("on final invoice 1");
        } finally {
            other.shutdown();
        }
    }

    @Test
    void sinceIsAWholeHour() {
        for (String since : List.of("2026-11-01T12:00:01Z", "2026-11-01T12:00:00.000001Z", "1066-10-14T09:00:00Z")) {
            assertThatThrownBy(() -> ofAccount(Optional.of(small), Instant.parse(since), NOW))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("since is " + since + " (test), expected a whole hour of UTC");
        }
    }

    /** Whatever is done, and whoever comes first, keys are on what a bookkeeping without SQL says. */
    @Test
    void atRandomKeysAreOnThePlanThatIsInForce() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<Optional<Long>> plans = List.of(Optional.of(small), Optional.of(large), Optional.empty());
        Map<String, NavigableMap<Instant, Optional<Long>>> kept = new TreeMap<>();
        kept.put("account", new TreeMap<>());
        Instant now = NOW;
        for (int i = 0; i < 300; i++) {
            Instant hour = now.minusSeconds(1800);
            Optional<Long> plan = plans.get(random.nextInt(3));
            List<String> labels = new ArrayList<>(kept.keySet());
            String whose = labels.get(random.nextInt(labels.size()));
            switch (random.nextInt(6)) {
                case 0 -> {
                    String label = "key-" + i;
                    key(label, plan, now);
                    kept.put(label, new TreeMap<>());
                    plan.ifPresent(own -> kept.get(label).put(hour, Optional.of(own)));
                }
                case 1, 2, 3 -> {
                    Instant since = hour.plus(ONE.multipliedBy(random.nextInt(-3, 4)));
                    Subject subject =
                            whose.equals("account") ? new Subject(account, Optional.empty()) : life.subject(whose);
                    boolean changed = store.subscribe(change(subject, plan, since, now));
                    Optional<Long> was = Optional.ofNullable(kept.get(whose).floorEntry(since))
                            .flatMap(Map.Entry::getValue);
                    assertThat(changed).as("seed %d", seed).isEqualTo(!was.equals(plan));
                    if (changed) {
                        kept.get(whose).put(since, plan);
                    }
                }
                case 4 -> now = now.plus(ONE.multipliedBy(random.nextInt(3)));
                default -> store.takeEffect(now);
            }
            store.takeEffect(now);
            assertThat(planIds("select k.label, k.plan_id from api_key k"))
                    .as("seed %d", seed)
                    .isEqualTo(expected(kept, now));
            assertThat(planIds(
                            "select k.label, p.plan_id from api_key k left join key_plan p on p.key_id = k.key_id and p.since <= '"
                                    + now + "' and p.until > '" + now + "'"))
                    .as("the view, seed %d", seed)
                    .isEqualTo(expected(kept, now));
        }
    }

    private static Map<String, Long> expected(Map<String, NavigableMap<Instant, Optional<Long>>> kept, Instant now) {
        Map<String, Long> expected = new TreeMap<>();
        for (String label : kept.keySet()) {
            if (!label.equals("account")) {
                Optional<Long> own =
                        Optional.ofNullable(kept.get(label).floorEntry(now)).flatMap(Map.Entry::getValue);
                Optional<Long> accounts =
                        Optional.ofNullable(kept.get("account").floorEntry(now)).flatMap(Map.Entry::getValue);
                expected.put(label, own.or(() -> accounts).orElse(0L));
            }
        }
        return expected;
    }

    @Test
    void manyAtOnceEndWhereTheRowsSay() throws Exception {
        long seed = new Random().nextLong();
        for (int i = 0; i < 6; i++) {
            key("key-" + i, i % 2 == 0 ? Optional.of(small) : Optional.empty(), NOW);
        }
        ExecutorService threads = Executors.newFixedThreadPool(6);
        List<Future<?>> running = new ArrayList<>();
        for (int thread = 0; thread < 6; thread++) {
            Random random = new Random(seed + thread);
            running.add(threads.submit(() -> {
                for (int i = 0; i < 40; i++) {
                    String label = "key-" + random.nextInt(6);
                    Instant now = NOW.plus(ONE.multipliedBy(random.nextInt(3)));
                    Optional<Long> plan =
                            Optional.of(random.nextBoolean() ? small : large).filter(any -> random.nextInt(4) > 0);
                    switch (random.nextInt(5)) {
                        case 0 -> store.takeEffect(now);
                        case 1 -> life.move(label, large, NOW);
                        case 2 -> {
                            life.disable(label, NOW);
                            life.enable(label, NOW);
                        }
                        case 3 -> store.subscribe(ofAccount(plan, HOUR.plus(ONE.multipliedBy(random.nextInt(3))), now));
                        default ->
                            store.subscribe(change(
                                    life.subject(label), plan, HOUR.plus(ONE.multipliedBy(random.nextInt(3))), now));
                    }
                }
            }));
        }
        for (Future<?> each : running) {
            each.get(60, TimeUnit.SECONDS);
        }
        threads.shutdown();
        Instant end = NOW.plus(ONE.multipliedBy(3));
        store.takeEffect(end);

        assertThat(planIds("select label, plan_id from api_key"))
                .as("seed %d", seed)
                .isEqualTo(planIds(
                        "select k.label, p.plan_id from api_key k left join key_plan p on p.key_id = k.key_id and p.since <= '"
                                + end + "' and p.until > '" + end + "'"));
        assertThat(texts("select count(*)::text from subscription where replaced_at is null and not in_effect"))
                .containsExactly("0");
    }

    private void use(long key, Instant hour, long requests) {
        jdbi.useHandle(handle -> {
            handle.createQuery("select create_usage_partition(:hour)")
                    .bind("hour", hour.atOffset(ZoneOffset.UTC))
                    .mapTo(String.class)
                    .list();
            handle.createUpdate(
                            "insert into usage_hourly (hour, key_id, route, outcome, requests, units, bytes_in, bytes_out,"
                                    + " duration_us) values (:hour, :key, 'r', 'success', :n, :n, 0, 0, 0)")
                    .bind("hour", hour.atOffset(ZoneOffset.UTC))
                    .bind("key", key)
                    .bind("n", requests)
                    .execute();
        });
    }

    private void invoice(Instant until) {
        jdbi.useHandle(handle -> insertInvoice(handle, until));
    }

    private void insertInvoice(Handle handle, Instant until) {
        handle.createUpdate(
                        "insert into invoice (number, kind, account_id, period_interval, anchor_day, period_from, period_to,"
                                + " currency, net, tax, total, lines, merge_no, finalised_at, seller, buyer) values (1, 'invoice', :account,"
                                + " 'monthly', 1, :until::timestamptz - interval '1 month', :until, 'EUR', 0, 0, 0, 0, 1, :until, '{}', '{}')")
                .bind("account", account)
                .bind("until", until.atOffset(ZoneOffset.UTC))
                .execute();
    }

    private long version() {
        return Long.parseLong(texts("select v::text from control_version").get(0));
    }

    private List<String> plans() {
        return texts(
                "select k.label || ' ' || coalesce(p.name, '-') from api_key k left join plan p using (plan_id) order by 1");
    }

    private List<String> rows() {
        return texts(
                "select case when key_id is null then 'account' else 'key' end || ' ' || to_char(since at time zone 'UTC', 'HH24:MI')"
                        + " || ' ' || coalesce(p.name, 'none') || ' ' || actor || case when replaced_at is null then '' else ' replaced' end"
                        + " from subscription left join plan p using (plan_id) order by 1");
    }

    private Map<String, Long> planIds(String sql) {
        Map<String, Long> plans = new TreeMap<>();
        jdbi.useHandle(handle -> handle.createQuery(sql)
                .map((row, context) -> Map.entry(row.getString(1), row.getLong(2)))
                .forEach(entry -> plans.put(entry.getKey(), entry.getValue())));
        return plans;
    }

    private List<String> texts(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(String.class).list());
    }

    private boolean waitsForALock() {
        return texts(
                                "select 'waits' from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
                        .size()
                > 0;
    }
}
