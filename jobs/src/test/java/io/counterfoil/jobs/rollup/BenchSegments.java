package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Records as a day of an API makes them, by seed: keys by Zipf's law, 24 hours, few routes, few errors. Ten streams share the day.
 */
final class BenchSegments {
    static final int STREAMS = 10;
    private static final int KEYS = 10_000;
    private static final double EXPONENT = 1.1;
    private static final long DAY_MICROS = 86_400_000_000L;
    private static final String[] ROUTES = {"items", "search", "orders", "profile"};

    private final Random random;
    /** Digests of each stream's last segments, which the next are chained to. */
    private final Map<StreamId, String> last = new HashMap<>();

    private final double[] cumulated = new double[KEYS];

    BenchSegments(long seed) {
        random = new Random(seed);
        double sum = 0;
        for (int i = 0; i < KEYS; i++) {
            sum += 1 / Math.pow(i + 1, EXPONENT);
            cumulated[i] = sum;
        }
    }

    /** Publishes so many segments of a day, numbered from {@code firstNumber} in each stream. */
    void publish(Path folder, String edge, int segments, int records, long dayMicros, int firstNumber)
            throws Exception {
        FolderLanding landing = new FolderLanding(folder);
        int each = segments / STREAMS;
        for (int number = 0; number < each; number++) {
            long span = DAY_MICROS / each;
            for (int stream = 0; stream < STREAMS; stream++) {
                StreamId id = LandedSegments.stream(edge, stream);
                long at = (long) firstNumber + number;
                LandedSegments.Built built = LandedSegments.build(
                        id, at, (at - 1) * records + 1, facts(records), dayMicros + number * span, span / records);
                Seal seal = Optional.ofNullable(last.put(id, built.seal().sha256()))
                        .map(sha256 -> EdgeLog.chainedTo(built.seal(), sha256))
                        .orElse(built.seal());
                landing.publish(seal, Zstd.compress(built.csv()), Optional.empty());
            }
            System.err.printf("\r%,d records", (number + 1L) * STREAMS * records);
        }
        System.err.println();
    }

    private List<RequestFacts> facts(int records) {
        List<RequestFacts> facts = new ArrayList<>(records);
        for (int i = 0; i < records; i++) {
            int fate = random.nextInt(1000);
            Decision decision = fate < 5 ? Decision.REFUSED : Decision.ADMITTED;
            int status = fate < 5 ? 429 : fate < 25 ? 404 : fate < 28 ? 503 : 200;
            String route = ROUTES[Math.min(3, Integer.numberOfTrailingZeros(random.nextInt() | 8))];
            facts.add(new RequestFacts(
                    1 + key(),
                    route,
                    "GET",
                    status,
                    0,
                    200 + random.nextInt(4000),
                    100 + random.nextInt(20_000),
                    1,
                    decision,
                    "",
                    "",
                    "/v1/" + route + "/" + random.nextInt(1_000_000)));
        }
        return facts;
    }

    private int key() {
        int place = Arrays.binarySearch(cumulated, random.nextDouble() * cumulated[KEYS - 1]);
        return Math.min(KEYS - 1, place < 0 ? -place - 1 : place);
    }
}
