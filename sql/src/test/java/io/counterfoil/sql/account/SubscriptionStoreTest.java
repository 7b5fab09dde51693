package io.counterfoil.sql.account;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.SubscriptionStore.Subject;
import io.counterfoil.sql.snapshot.SnapshotStore;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class SubscriptionStoreTest extends SubscribedAccount {
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
}
