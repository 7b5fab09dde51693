package io.counterfoil.jobs.overshoot;

import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.jobs.rollup.LandedSegments;
import io.counterfoil.jobs.rollup.RollupJob;
import io.counterfoil.jobs.rollup.SparkForTests;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.limits.LimitStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.report.Report;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/** Overshoot from a real landing by real Spark, held against what walking the records in order finds. */
final class OvershootJobTest {
    private static final Instant HOUR = Instant.parse("2026-11-01T12:00:00Z");
    private static final Instant NOW = HOUR.plus(Duration.ofMinutes(50));
    private static final long MICROS = 1_000_000;

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();

    private record Line(long micros, String edge, int stream, long seq, RequestFacts facts) {}

    private final List<Line> lines = new ArrayList<>();

    private long key(String account, String plan, String label) {
        AccountStore accounts = new AccountStore(database.jdbi());
        KeyStore keys = new KeyStore(database.jdbi());
        keys.create(
                List.of(new KeyStore.NewKey(
                        accounts.require(account),
                        Optional.of(new PlanStore(database.jdbi()).require(plan)),
                        label,
                        Optional.of(KeyStore.hash(label)),
                        "test")),
                HOUR);
        return keys.byHash(List.of(KeyStore.hash(label))).values().iterator().next();
    }

    private void plan(String name, String limit, String action, String scope) {
        new PlanStore(database.jdbi()).create(name, List.of(UsageLimit.parse(limit, action, scope)), HOUR);
    }

    /** A stream's records of random keys from a moment on; from another on those keys are refused, or warned. */
    private LandedSegments.Built stream(
            Random random,
            String edge,
            int stream,
            Instant from,
            int records,
            List<Long> keys,
            Instant heldAt,
            Decision held) {
        long first = from.toEpochMilli() * 1000 + random.nextInt(1_000_000);
        long step = 300_000L + random.nextInt(700_000);
        List<RequestFacts> facts = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            long micros = first + (long) i * step;
            boolean isHeld = micros >= heldAt.toEpochMilli() * 1000;
            int status = isHeld && held == Decision.REFUSED
                    ? 429
                    : List.of(200, 200, 200, 404).get(random.nextInt(4));
            String route = random.nextInt(8) == 0 ? "counterfoil.usage" : "items";
            Decision decision = isHeld && route.equals("items") ? held : Decision.ADMITTED;
            RequestFacts each = new RequestFacts(
                    keys.get(random.nextInt(keys.size())),
                    route,
                    "GET",
                    status,
                    0,
                    random.nextInt(2_000),
                    50,
                    1,
                    decision,
                    "",
                    "",
                    "/v1/items/1");
            facts.add(each);
            lines.add(new Line(micros, edge, stream, i + 1, each));
        }
        return LandedSegments.build(LandedSegments.stream(edge, stream), 1, 1, facts, first, step);
    }

    private RollupJob rollup() {
        return new RollupJob(SparkForTests.session(), folder.toString(), database.jdbcUrl(), () -> NOW);
    }

    private OvershootResult tell() {
        return new OvershootJob(SparkForTests.session(), folder.toString(), database.jdbcUrl(), () -> NOW).runAtOnce();
    }

    /** "key hour passed lag-in-ms" by walking all records of the keys in order. */
    private List<String> walked(Map<Long, String> labels, long quota, boolean bytes, Decision held) {
        List<Line> ordered = lines.stream()
                .filter(line -> labels.containsKey(line.facts().keyId()))
                .filter(line -> line.facts().route().equals("items"))
                .sorted(Comparator.comparing(Line::micros)
                        .thenComparing(Line::edge)
                        .thenComparing(Line::stream)
                        .thenComparing(Line::seq))
                .toList();
        long used = 0;
        long crossed = -1;
        Map<String, Long> heldBy = new TreeMap<>();
        Map<String, Decision> before = new TreeMap<>();
        Map<String, Long> edgeHeld = new TreeMap<>();
        Map<String, Long> passed = new TreeMap<>();
        Map<String, Long> lag = new TreeMap<>();
        for (Line line : ordered) {
            RequestFacts facts = line.facts();
            String group = labels.get(facts.keyId()) + " "
                    + Instant.ofEpochSecond(line.micros() / MICROS).truncatedTo(ChronoUnit.HOURS);
            if (crossed >= 0) {
                String key = line.edge() + " " + facts.keyId();
                if (facts.decision() == held) {
                    heldBy.putIfAbsent(key, line.micros());
                    if (before.get(key) != held) {
                        edgeHeld.putIfAbsent(line.edge(), line.micros());
                    }
                }
                boolean isPassed = facts.decision() == Decision.ADMITTED && !heldBy.containsKey(key);
                passed.merge(group, isPassed ? 1L : 0L, Long::sum);
                if (edgeHeld.containsKey(line.edge())) {
                    lag.merge(group, (edgeHeld.get(line.edge()) - crossed) / 1000, Math::max);
                }
                continue;
            }
            before.put(line.edge() + " " + facts.keyId(), facts.decision());
            if (facts.decision() != Decision.REFUSED && facts.status() < 400) {
                used += bytes ? facts.bytesOut() : 1;
                crossed = used >= quota ? line.micros() : -1;
            }
        }
        return passed.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue() + " " + lag.getOrDefault(each.getKey(), -1L))
                .sorted()
                .toList();
    }

    private List<String> reported() {
        return Report.named("overshoot").list(database.jdbi(), Map.of()).stream()
                .map(row -> row.get("key") + " " + row.get("hour") + " " + row.get("passed") + " "
                        + (row.get("lag_ms").equals("-") ? "-1" : row.get("lag_ms")))
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whatPassedIsWhatWalkingTheRecordsFinds(long seed) throws Exception {
        Random random = new Random(seed);
        new AccountStore(database.jdbi()).create("Acme", Optional.empty(), HOUR);
        plan("small", "60/hour", "refuse", "key");
        plan("bytes", "150000B/day", "warn", "account");
        long one = key("Acme", "small", "one");
        long idle = key("Acme", "small", "idle");
        long two = key("Acme", "bytes", "two");
        long three = key("Acme", "bytes", "three");
        LandedSegments segments = new LandedSegments(folder, seed, 0);
        for (int edge = 0; edge < 2; edge++) {
            // Each edge has its own moment; two streams of an edge the same.
            Instant refused = HOUR.plusSeconds(60 + random.nextInt(40));
            Instant warned = HOUR.plusSeconds(3 * 60 + random.nextInt(60));
            for (int stream = 0; stream < 2; stream++) {
                segments.publish(
                        stream(random, "edge-" + edge, stream, HOUR, 300, List.of(one), refused, Decision.REFUSED));
                // From the hour before on, so that what was used before counts.
                segments.publish(stream(
                        random,
                        "edge-b" + edge,
                        stream,
                        HOUR.minusSeconds(30),
                        600,
                        List.of(two, three),
                        warned,
                        Decision.WARNED));
            }
        }
        segments.publish(stream(random, "edge-c", 0, HOUR, 20, List.of(idle), NOW, Decision.REFUSED));
        rollup().run();

        OvershootResult told = tell();

        List<String> expected = new ArrayList<>(walked(Map.of(one, "one"), 60, false, Decision.REFUSED));
        expected.addAll(walked(Map.of(two, "two", three, "three"), 150_000, true, Decision.WARNED));
        assertThat(reported())
                .as("seed " + seed)
                .isEqualTo(expected.stream().sorted().toList());
        assertThat(expected).hasSizeGreaterThanOrEqualTo(3);
        assertThat(told.crossings()).isEqualTo(2);
        assertThat(told.passed())
                .isEqualTo(expected.stream()
                        .mapToLong(each -> Long.parseLong(each.split(" ", -1)[2]))
                        .sum())
                .isPositive();
        assertThat(tell()).as("told once").isEqualTo(new OvershootResult(0, 0, 0, 0));
        List<Map<String, String>> lag = Report.named("flag-lag").list(database.jdbi(), Map.of());
        assertThat(lag).extracting(row -> row.get("part")).containsExactly("seal", "rollup", "reload", "all");
        assertThat(lag).extracting(row -> row.get("crossings")).containsOnly("4");
    }

    @Test
    void whereTheLogIsNotAllThereItSaysSoInsteadOfAFigure() throws Exception {
        Random random = new Random(3);
        new AccountStore(database.jdbi()).create("Acme", Optional.empty(), HOUR);
        plan("small", "10/hour", "refuse", "key");
        long one = key("Acme", "small", "one");
        long two = key("Acme", "small", "two");
        LandedSegments segments = new LandedSegments(folder, 3, 0);
        Instant refused = HOUR.plusSeconds(60);
        segments.publish(stream(random, "edge-1", 0, HOUR, 50, List.of(one), refused, Decision.REFUSED));
        segments.publish(stream(random, "edge-1", 1, HOUR, 50, List.of(two), refused, Decision.REFUSED));
        segments.publish(stream(random, "edge-1", 2, HOUR, 50, List.of(two), refused, Decision.REFUSED));
        rollup().run();
        // As retention leaves it, before and after its objects are gone.
        database.jdbi().useHandle(handle -> handle.execute("update ledger set deleting_at = now() where stream = 2"));

        // Somebody lowers a quota: what was used was allowed.
        plan("large", "1000/hour", "refuse", "key");
        long three = key("Acme", "large", "three");
        segments.publish(stream(random, "edge-2", 0, HOUR, 50, List.of(three), NOW, Decision.REFUSED));
        rollup().run();
        new LimitStore(database.jdbi())
                .override(
                        new LimitStore.NewOverride(
                                Optional.of(three),
                                Optional.empty(),
                                "hour",
                                "requests",
                                Optional.empty(),
                                5,
                                Optional.empty()),
                        new io.counterfoil.sql.hours.Decision("ops", "test", NOW.plusSeconds(1)));

        OvershootResult told = tell();

        assertThat(told).isEqualTo(new OvershootResult(1, 2, 0, told.passed()));
        List<Map<String, String>> rows = Report.named("overshoot").list(database.jdbi(), Map.of());
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0).get("fault")).isEqualTo("-");
        assertThat(rows.get(1).get("fault"))
                .isEqualTo("its quota, plan or keys were changed: usage alone did not use it up");
        assertThat(rows.get(2).get("fault"))
                .matches("the hour's log in the landing has \\d+ of what is counted, \\d+ requests");
        assertThat(rows.get(2).get("passed")).isEqualTo("-");
    }

    @Test
    void aDamagedSegmentHoldsUpNoOtherHour() throws Exception {
        Random random = new Random(4);
        new AccountStore(database.jdbi()).create("Acme", Optional.empty(), HOUR);
        plan("small", "10/hour", "refuse", "key");
        plan("daily", "10/day", "refuse", "key");
        long one = key("Acme", "daily", "one");
        long two = key("Acme", "small", "two");
        LandedSegments segments = new LandedSegments(folder, 4, 0);
        Instant before = HOUR.minusSeconds(3600);
        LandedSegments.Built damaged =
                stream(random, "edge-1", 0, before, 50, List.of(one), before.plusSeconds(60), Decision.REFUSED);
        segments.publish(damaged);
        segments.publish(stream(random, "edge-1", 1, HOUR, 50, List.of(two), HOUR.plusSeconds(60), Decision.REFUSED));
        rollup().run();
        try (Stream<Path> files = Files.walk(folder)) {
            Path data = files.filter(file -> file.toString().matches(".*/0/0/1\\.csv\\.zst"))
                    .findFirst()
                    .orElseThrow();
            damaged.csv()[damaged.csv().length / 2] ^= 1;
            Files.write(data, Zstd.compress(damaged.csv()));
        }

        OvershootResult told = tell();

        assertThat(told).isEqualTo(new OvershootResult(1, 1, 1, told.passed()));
        assertThat(told.passed()).isPositive();
        assertThat(Report.named("overshoot")
                        .list(database.jdbi(), Map.of())
                        .get(0)
                        .get("fault"))
                .startsWith("the hour's log is damaged: ");
    }
}
