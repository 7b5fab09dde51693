package io.counterfoil.schedules.push;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.edge.admission.Admission;
import io.counterfoil.edge.admission.KeyGate;
import io.counterfoil.edge.snapshot.Flag;
import io.counterfoil.edge.snapshot.SnapshotRefresh;
import io.counterfoil.edge.snapshot.SnapshotSource;
import io.counterfoil.jobs.push.PushFlagsJob;
import io.counterfoil.jobs.push.PushSettings;
import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyLifeStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.hours.Decision;
import io.counterfoil.sql.limits.LimitEvaluation;
import io.counterfoil.sql.limits.LimitStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.testing.TestDatabase;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

/** What is pushed is what our own edge does, text by text, in worlds made at random. */
final class PushAgreesWithEdgeTest {
    private static final Instant NOW = Instant.parse("2026-11-26T07:30:00Z");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KEYS = 30;

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();
    private final Jdbi jdbi = database.jdbi();
    private final List<String> texts = new ArrayList<>();

    @RepeatedTest(3)
    void everyTextIsRefusedWarnedOrServedAsOurEdgeDoes() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        make(random);
        int over = 0;
        for (Duration later : List.of(
                Duration.ZERO,
                Duration.ofMinutes(1),
                Duration.ofMinutes(30),
                Duration.ofHours(17),
                Duration.ofDays(5))) {
            over += compare(NOW.plus(later), "seed " + seed + ", " + later + " later");
        }
        assertThat(over).as("seed " + seed + ": some were over").isPositive();
    }

    private int compare(Instant at, String what) throws Exception {
        Path file = folder.resolve("flags.json");
        InstantSource clock = InstantSource.fixed(at);
        try (PushFlagsJob job = new PushFlagsJob(PushSettings.file(file, 1), database.jdbcUrl(), clock, false)) {
            job.run();
        }
        JsonNode flags = JSON.readTree(Files.readString(file)).get("flags");
        int over = 0;
        Path data = Files.createDirectory(folder.resolve("edge-" + at.getEpochSecond()));
        SnapshotSource source = new SnapshotSource("edge-1", database.jdbcUrl(), clock);
        try (SnapshotRefresh refresh = SnapshotRefresh.open(source, data, Duration.ofMinutes(1), clock, line -> {})) {
            KeyGate gate = new KeyGate(refresh.current(), clock);
            for (String text : texts) {
                String edge = ofEdge(gate.admit(null, text));
                assertThat(ofPush(flags.path(KeyStore.hash(text))))
                        .as(text + ", " + what)
                        .isEqualTo(edge);
                over += edge.isEmpty() ? 0 : 1;
            }
        }
        return over;
    }

    /** Of who is warned or refused, by what; whoever has no valid key is nobody's here. */
    private static String ofEdge(Admission admission) {
        return admission.standing().over().filter(over -> over.limit().isTold()).stream()
                .map(over -> {
                    Flag flag = over.flag();
                    return over.limit().action().name().toLowerCase(Locale.ROOT) + " "
                            + (over.limit().ofAccount() ? "account " : "key ")
                            + over.limit().window() + " "
                            + over.limit().measure() + " " + flag.quota() + " " + flag.used() + " "
                            + flag.resetsAt().getEpochSecond();
                })
                .findFirst()
                .orElse("");
    }

    /** The sternest of a key's flags; of equally stern ones the last to reset. */
    private static String ofPush(JsonNode flags) {
        JsonNode sternest = null;
        for (JsonNode flag : flags) {
            if (sternest == null || sternness(flag) > sternness(sternest)) {
                sternest = flag;
            }
        }
        return sternest == null
                ? ""
                : sternest.get("action").asText() + " "
                        + (sternest.has("scope") ? sternest.get("scope").asText() : "key") + " "
                        + sternest.get("window").asText() + " "
                        + sternest.get("measure").asText() + " "
                        + sternest.get("quota").asLong() + " "
                        + sternest.get("used").asLong() + " "
                        + sternest.get("resets_at").asLong();
    }

    private static long sternness(JsonNode flag) {
        return (flag.get("action").asText().equals("refuse") ? 1L << 40 : 0)
                + flag.get("resets_at").asLong();
    }

    private void make(Random random) {
        jdbi.useHandle(handle -> handle.createQuery("select create_usage_partition(:now)::text")
                .bind("now", NOW.atOffset(ZoneOffset.UTC))
                .mapTo(String.class)
                .list());
        List<Long> plans = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            plans.add(new PlanStore(jdbi).create("plan-" + i, limits(random), NOW));
        }
        List<Long> accounts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            accounts.add(new AccountStore(jdbi).create("account-" + i, Optional.empty(), NOW));
        }
        for (int i = 0; i < KEYS; i++) {
            key(random, accounts.get(random.nextInt(3)), plans.get(random.nextInt(4)), "key-" + i);
        }
        for (int i = 0; i < KEYS; i++) {
            use(1 + random.nextInt(KEYS), random.nextInt(120));
            try {
                change(random, plans, "key-" + random.nextInt(KEYS), 1 + random.nextInt(KEYS));
            } catch (OperatorException e) {
                // Of a key that is disabled, say: it stays as it is.
                assertThat(e.category()).isEqualTo(OperatorException.Category.INPUT);
            }
        }
    }

    private static List<UsageLimit> limits(Random random) {
        List<UsageLimit> limits = new ArrayList<>();
        for (String window : List.of("hour", "day", "period")) {
            for (String action : List.of("notify", "warn", "refuse")) {
                if (random.nextInt(3) > 0) {
                    limits.add(UsageLimit.parse(
                            10 + random.nextInt(190) + (random.nextBoolean() ? "/" : "units/") + window,
                            action,
                            random.nextInt(3) == 0 ? "account" : "key"));
                }
            }
        }
        return limits;
    }

    private void key(Random random, long account, long plan, String text) {
        new KeyStore(jdbi)
                .create(
                        List.of(new KeyStore.NewKey(
                                account,
                                random.nextInt(8) == 0 ? Optional.empty() : Optional.of(plan),
                                text,
                                Optional.of(KeyStore.hash(text)),
                                "test")),
                        NOW);
        texts.add(text);
    }

    private void use(long key, long requests) {
        jdbi.useTransaction(handle -> {
            handle.createUpdate(
                            "insert into usage_hourly as u (hour, key_id, route, outcome, requests, units, bytes_in,"
                                    + " bytes_out, duration_us) values (date_trunc('hour', :now::timestamptz, 'UTC'), :key, 'r',"
                                    + " 'success', :n, 2 * :n, 0, 0, 0) on conflict (hour, key_id, route, outcome)"
                                    + " do update set requests = u.requests + excluded.requests, units = u.units + excluded.units")
                    .bind("now", NOW.atOffset(ZoneOffset.UTC))
                    .bind("key", key)
                    .bind("n", requests)
                    .execute();
            long account = handle.createQuery("select account_id from api_key where key_id = :key")
                    .bind("key", key)
                    .mapTo(Long.class)
                    .one();
            LimitEvaluation.again(handle, LimitEvaluation.Touched.key(key, account), ControlVersion.next(handle), NOW);
        });
    }

    private void change(Random random, List<Long> plans, String label, long key) {
        KeyLifeStore life = new KeyLifeStore(jdbi);
        LimitStore limits = new LimitStore(jdbi);
        Instant soon = NOW.plusSeconds(30);
        boolean ofKey = random.nextBoolean();
        switch (random.nextInt(9)) {
            case 0 -> life.disable(label, NOW);
            case 1 -> life.enable(label, NOW);
            case 2 -> life.expire(label, Optional.of(soon), NOW);
            case 3 -> life.move(label, plans.get(random.nextInt(4)), NOW);
            case 4 -> limits.replace(plans.get(random.nextInt(4)), limits(random), NOW);
            case 5 -> {
                String text = label + "-" + texts.size();
                life.rotate(label, KeyStore.hash(text), soon, NOW);
                texts.add(text);
            }
            default ->
                limits.override(
                        new LimitStore.NewOverride(
                                ofKey ? Optional.of(key) : Optional.empty(),
                                ofKey ? Optional.empty() : Optional.of(1 + key % 3),
                                List.of("hour", "day", "period").get(random.nextInt(3)),
                                random.nextBoolean() ? "requests" : "units",
                                random.nextBoolean() ? Optional.of("refuse") : Optional.empty(),
                                random.nextInt(300),
                                random.nextBoolean() ? Optional.of(soon) : Optional.empty()),
                        new Decision("ops", "because", NOW));
        }
    }
}
