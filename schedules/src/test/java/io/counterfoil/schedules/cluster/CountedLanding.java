package io.counterfoil.schedules.cluster;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.RecordEncoder;
import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.RecordRange;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.Unlogged;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Segments of seeded records in a landing, and their usage as counted by splitting their raw lines: no code of the rollup's. */
final class CountedLanding {
    private static final int STREAMS = 3;
    private static final int SEGMENTS = 4;
    private static final int RECORDS = 150;
    private static final long MICROS = 1_000_000;

    private final SortedMap<String, List<Long>> expected = new TreeMap<>();
    private final Random random;

    /** @param startSeconds of the first hour that has records; they go on for two */
    CountedLanding(Landing landing, long seed, long startSeconds) throws Exception {
        random = new Random(seed);
        for (int stream = 0; stream < STREAMS; stream++) {
            StreamId id = new StreamId("edge-" + stream, new Epoch(1_700_000_000, 7), stream);
            long micros = startSeconds * MICROS;
            for (int number = 1; number <= SEGMENTS; number++) {
                micros = publish(landing, new SegmentId(id, number), micros);
            }
        }
    }

    private long publish(Landing landing, SegmentId id, long startMicros) throws Exception {
        ByteArrayOutputStream csv = new ByteArrayOutputStream();
        csv.writeBytes(RecordFormat.header(id));
        RecordEncoder encoder = new RecordEncoder();
        encoder.begin(id);
        long firstSeq = (id.number() - 1) * RECORDS + 1;
        long micros = startMicros;
        long last = micros;
        for (int i = 0; i < RECORDS; i++) {
            last = micros;
            int bytes = encoder.encode(firstSeq + i, micros, facts());
            csv.write(encoder.line(), 0, bytes);
            micros += 12 * MICROS;
        }
        byte[] data = csv.toByteArray();
        Seal seal = new Seal(
                id,
                STREAMS,
                new RecordRange(RECORDS, firstSeq, firstSeq + RECORDS - 1, startMicros, last),
                RECORDS,
                Unlogged.NONE,
                last,
                0,
                data.length,
                Digests.sha256(data),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty());
        landing.publish(seal, Zstd.compress(data), Optional.empty());
        new String(data, StandardCharsets.US_ASCII).lines().skip(1).forEach(this::count);
        return micros;
    }

    private RequestFacts facts() {
        return new RequestFacts(
                random.nextInt(20),
                "r" + random.nextInt(3),
                "GET",
                List.of(200, 304, 404, 429, 500, 499).get(random.nextInt(6)),
                random.nextInt(100),
                random.nextInt(10_000),
                random.nextInt(5000),
                1 + random.nextInt(3),
                List.of(Decision.values()).get(random.nextInt(5)),
                "",
                "",
                "/v1/items/" + random.nextInt(100));
    }

    private void count(String line) {
        String[] field = line.split(",", -1);
        long hour = Long.parseLong(field[1]) / MICROS / 3600 * 3600;
        String outcome = field[10].equals("refused") || field[10].equals("unauthorized")
                ? field[10]
                : Map.of('4', "client_error", '5', "server_error").getOrDefault(field[5].charAt(0), "success");
        List<Long> sums = List.of(
                1L,
                Long.parseLong(field[9]),
                Long.parseLong(field[6]),
                Long.parseLong(field[7]),
                Long.parseLong(field[8]));
        expected.merge(hour + " " + field[2] + " " + field[3] + " " + outcome, sums, CountedLanding::plus);
    }

    private static List<Long> plus(List<Long> one, List<Long> other) {
        return java.util.stream.IntStream.range(0, one.size())
                .mapToObj(i -> one.get(i) + other.get(i))
                .toList();
    }

    /** "hour key route outcome" to requests, units, bytes in, bytes out, duration. */
    SortedMap<String, List<Long>> expected() {
        return expected;
    }

    static long segments() {
        return (long) STREAMS * SEGMENTS;
    }

    static long records() {
        return segments() * RECORDS;
    }
}
