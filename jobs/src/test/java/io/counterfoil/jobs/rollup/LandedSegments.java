package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.LandingConflictException;
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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Publishes segments of seeded records, and counts them by splitting their raw lines: no code of the rollup's. */
public final class LandedSegments {
    private static final long MICROS = 1_000_000;

    private final Path folder;
    private final FolderLanding landing;
    private final Random random;
    private final long startSeconds;
    /** "hour key route outcome" → requests, units, bytes in, bytes out, duration. */
    private final SortedMap<String, long[]> expected = new TreeMap<>();

    public LandedSegments(Path folder, long seed, long startSeconds) {
        this.folder = folder;
        this.landing = new FolderLanding(folder);
        this.random = new Random(seed);
        this.startSeconds = startSeconds;
    }

    public Path folder() {
        return folder;
    }

    public FolderLanding landing() {
        return landing;
    }

    public static StreamId stream(String edge, int stream) {
        return new StreamId(edge, new Epoch(1_700_000_000, 7), stream);
    }

    /** A plain request of that key. */
    public static RequestFacts facts(long key) {
        return new RequestFacts(key, "items", "GET", 200, 0, 100, 50, 1, Decision.ADMITTED, "", "", "/v1/items/1");
    }

    /** A segment of random records of keys 0 to 9, not yet published. */
    public Built random(StreamId stream, long number, long firstSeq, int records) {
        List<RequestFacts> facts = random.ints(records)
                .mapToObj(ignored -> {
                    Decision decision = List.of(Decision.values()).get(random.nextInt(5));
                    int status = List.of(200, 304, 404, 429, 500, 499).get(random.nextInt(6));
                    return new RequestFacts(
                            random.nextInt(10),
                            "r" + random.nextInt(3),
                            "GET",
                            status,
                            random.nextInt(100),
                            random.nextInt(10_000),
                            random.nextInt(5000),
                            1 + random.nextInt(3),
                            decision,
                            "",
                            "",
                            "/v1/items/" + random.nextInt(100));
                })
                .toList();
        long first = startSeconds + random.nextInt(7200);
        return build(stream, number, firstSeq, facts, first * MICROS, 20 * MICROS);
    }

    public static Built build(
            StreamId stream, long number, long firstSeq, List<RequestFacts> facts, long firstMicros, long stepMicros) {
        SegmentId id = new SegmentId(stream, number);
        ByteArrayOutputStream csv = new ByteArrayOutputStream();
        csv.writeBytes(RecordFormat.header(id));
        RecordEncoder encoder = new RecordEncoder();
        encoder.begin(id);
        long micros = firstMicros;
        long last = firstMicros;
        for (int i = 0; i < facts.size(); i++) {
            int bytes = encoder.encode(firstSeq + i, micros, facts.get(i));
            csv.write(encoder.line(), 0, bytes);
            last = micros;
            micros += stepMicros;
        }
        byte[] data = csv.toByteArray();
        RecordRange range = facts.isEmpty()
                ? RecordRange.empty(firstSeq)
                : new RecordRange(facts.size(), firstSeq, firstSeq + facts.size() - 1, firstMicros, last);
        Seal seal = new Seal(
                id,
                10,
                range,
                facts.size(),
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
        return new Built(seal, data);
    }

    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody; tests change its bytes on purpose.
    public record Built(Seal seal, byte[] csv) {}

    public void publish(Built built) throws IOException, LandingConflictException {
        landing.publish(built.seal(), Zstd.compress(built.csv()), Optional.empty());
    }

    /** Publishes and expects its records to be counted. */
    public Built publishCounted(Built built) throws IOException, LandingConflictException {
        publish(built);
        List<String> lines =
                new String(built.csv(), StandardCharsets.US_ASCII).lines().toList();
        for (int i = 1; i < lines.size(); i++) {
            String[] field = lines.get(i).split(",", -1);
            long hour = Long.parseLong(field[1]) / MICROS / 3600 * 3600;
            String name = hour + " " + field[2] + " " + field[3] + " " + outcome(field[10], field[5]);
            long[] sums = expected.computeIfAbsent(name, ignored -> new long[5]);
            sums[0]++;
            sums[1] += Long.parseLong(field[9]);
            sums[2] += Long.parseLong(field[6]);
            sums[3] += Long.parseLong(field[7]);
            sums[4] += Long.parseLong(field[8]);
        }
        return built;
    }

    private static String outcome(String decision, String status) {
        if (decision.equals("refused") || decision.equals("unauthorized")) {
            return decision;
        }
        return status.compareTo("400") < 0 ? "success" : status.compareTo("500") < 0 ? "client_error" : "server_error";
    }

    public SortedMap<String, List<Long>> expected() {
        SortedMap<String, List<Long>> all = new TreeMap<>();
        expected.forEach((name, sums) ->
                all.put(name, java.util.Arrays.stream(sums).boxed().toList()));
        return all;
    }
}
