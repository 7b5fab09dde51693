package io.counterfoil.jobs.dispute;

import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.jobs.archive.ArchiveJob;
import io.counterfoil.jobs.archive.ArchivedRecords;
import io.counterfoil.jobs.archive.AuditJob;
import io.counterfoil.jobs.archive.RetainJob;
import io.counterfoil.jobs.invoice.BilledWorld;
import io.counterfoil.jobs.invoice.Cards;
import io.counterfoil.jobs.plans.BillingPeriod;
import io.counterfoil.jobs.rating.Charge;
import io.counterfoil.jobs.rating.Measure;
import io.counterfoil.jobs.rating.Meter;
import io.counterfoil.jobs.rating.Model;
import io.counterfoil.jobs.rating.Price;
import io.counterfoil.jobs.rating.Routes;
import io.counterfoil.jobs.rollup.LandedSegments;
import io.counterfoil.jobs.rollup.RollupJob;
import io.counterfoil.jobs.rollup.SparkForTests;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Two accounts whose logs lie in one landing, rolled up and billed; and the raw lines, split by hand. */
final class DisputedWorld {
    private static final Instant FIRST = Instant.parse("2026-10-10T05:30:00Z");
    private static final String NOW = "2026-11-05T00:00:00Z";

    final BilledWorld world = new BilledWorld();
    final long acme = world.account("Acme");
    final long one = world.key(acme, "acme-one");
    final long own = world.key(acme, "acme-own");
    final long other = world.key(world.account("Other"), "other-key");
    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final Path landing;
    private final Path archive;
    private final LandedSegments segments;
    private final List<String[]> lines = new ArrayList<>();
    private int number;

    DisputedWorld(Path folder) throws Exception {
        landing = folder.resolve("landing");
        archive = folder.resolve("archive");
        segments = new LandedSegments(landing, seed, 0);
        long plan = world.plan(Cards.version(
                "team",
                1,
                new BillingPeriod(BillingPeriod.Interval.MONTHLY, 1),
                Charge.flat("base fee", Price.parse("10")),
                Charge.of("requests", Meter.of(Measure.REQUESTS), new Model.PerUnit(Price.parse("0.01"))),
                Charge.of(
                        "searches",
                        Meter.of(Measure.UNITS).onlyOf(new Routes(List.of("search.*"), List.of())),
                        new Model.PerUnit(Price.parse("0.02"))),
                Charge.of(
                        "traffic",
                        Meter.of(Measure.BYTES_OUT).per(BigDecimal.valueOf(3000)),
                        new Model.PerUnit(Price.parse("0.07")))));
        long solo = world.plan(Cards.simple("solo", "0", "0.5"));
        world.subscribe(acme, Optional.empty(), Optional.of(plan), "2026-10-01T00:00:00Z");
        world.subscribe(acme, Optional.of(own), Optional.of(solo), "2026-10-10T06:00:00Z");
        world.subscribe(acme + 1, Optional.empty(), Optional.of(plan), "2026-10-01T00:00:00Z");
        for (int i = 0; i < 4; i++) {
            publish(FIRST.plusSeconds(i * 900L), 150);
        }
        rollup(NOW);
        world.finaliseIncomplete("2026-10", NOW);
    }

    String seed() {
        return "seed " + seed;
    }

    /** Publishes records 20 s apart; the next rollup counts them. */
    Path publish(Instant first, int records) throws Exception {
        List<RequestFacts> facts = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            facts.add(new RequestFacts(
                    List.of(0L, one, own, other).get(random.nextInt(4)),
                    List.of("items", "search.text", "search.image", "counterfoil.usage")
                            .get(random.nextInt(4)),
                    "GET",
                    List.of(200, 200, 404, 500).get(random.nextInt(4)),
                    random.nextInt(100),
                    // One in a hundred is a reject: no answer is that large.
                    random.nextInt(100) == 0 ? 1L << 45 : random.nextInt(10_000),
                    random.nextInt(5000),
                    1 + random.nextInt(3),
                    random.nextInt(10) == 0 ? Decision.REFUSED : Decision.ADMITTED,
                    "=1+" + random.nextInt(1_000_000),
                    "",
                    "/v1/items/" + random.nextInt(100)));
        }
        number++;
        LandedSegments.Built built = LandedSegments.build(
                LandedSegments.stream("edge-1", 0),
                number,
                number * 1000L,
                facts,
                first.getEpochSecond() * 1_000_000,
                20_000_000L);
        segments.publish(built);
        new String(built.csv(), StandardCharsets.US_ASCII)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split(",", -1))
                .forEach(lines::add);
        try (var files = Files.walk(landing)) {
            return files.filter(file -> file.endsWith(number + ".csv.zst"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    void rollup(String now) {
        new RollupJob(
                        SparkForTests.session(),
                        landing.toString(),
                        world.database().jdbcUrl(),
                        InstantSource.fixed(Instant.parse(now)))
                .run();
    }

    void archive(String now) {
        new ArchiveJob(
                        SparkForTests.session(),
                        landing.toString(),
                        archive.toString(),
                        world.database().jdbcUrl(),
                        InstantSource.fixed(Instant.parse(now)))
                .run(soFar -> {});
    }

    /** Archives, audits and takes away what is counted. */
    long retain(String now) {
        archive(now);
        InstantSource clock = InstantSource.fixed(Instant.parse(now));
        String url = world.database().jdbcUrl();
        new AuditJob(SparkForTests.session(), archive.toString(), url, clock)
                .run(Optional.empty(), Optional.empty(), false);
        return new RetainJob(SparkForTests.session().sessionState().newHadoopConf(), landing.toString(), url, clock)
                .run(Duration.ZERO);
    }

    DisputeJob job() {
        return new DisputeJob(
                world.jdbi(),
                Optional.of(new RecordPlaces(
                        segments.landing(), () -> new ArchivedRecords(SparkForTests.session(), archive.toString()))));
    }

    static List<CSVRecord> rows(Path file) throws Exception {
        try (var parser = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get()
                .parse(Files.newBufferedReader(file))) {
            return parser.getRecords();
        }
    }

    static List<CSVRecord> rows(Path file, String kind) throws Exception {
        return rows(file).stream().filter(row -> row.get("row").equals(kind)).toList();
    }

    /** "seq key request_id" of Acme's raw lines that are counted, sorted. */
    List<String> raw() {
        return lines.stream()
                .filter(field -> field[2].equals(Long.toString(one)) || field[2].equals(Long.toString(own)))
                .filter(field -> !field[3].startsWith("counterfoil.") && Long.parseLong(field[7]) < 1L << 44)
                .map(field -> field[0] + " " + (field[2].equals(Long.toString(one)) ? "acme-one" : "acme-own") + " '"
                        + field[11])
                .sorted()
                .toList();
    }

    static List<String> records(Path file) throws Exception {
        return rows(file, "record").stream()
                .map(row -> row.get("seq") + " " + row.get("key") + " " + row.get("request_id"))
                .sorted()
                .toList();
    }
}
