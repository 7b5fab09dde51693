package io.counterfoil.jobs.rollup;

import io.counterfoil.accesslog.seal.Predecessor;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.sql.hours.EdgeRosterStore;
import io.counterfoil.sql.report.Report;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A log of several epochs that comes in any order and not whole: after each rollup the complete hours must be those that a walk over
 * the seals that came gives, and whatever is late must be alarmed.
 */
final class HoursOracleTest {
    private static final Instant START = Instant.parse("2026-11-01T10:00:00Z");
    private static final int ROLLUPS = 6;

    @TempDir
    Path folder;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final TestDatabase database = TestDatabase.fresh();

    /** By epoch, in order; each knows what it says of the one before. */
    private final List<Optional<Predecessor>> predecessors = new ArrayList<>();

    private final List<EdgeLog> epochs = new ArrayList<>();
    private final List<Integer> streams = new ArrayList<>();
    private final List<Segment> all = new ArrayList<>();

    private record Segment(int epoch, Seal seal, LandedSegments.Built built, boolean corrupt) {}

    @RepeatedTest(3)
    void completeHoursAreThoseOfAWalkOverTheSeals() throws Exception {
        LandedSegments segments = new LandedSegments(folder, seed, 0);
        Instant end = build();
        new EdgeRosterStore(database.jdbi())
                .register("edge-1", Optional.of(epochs.get(0).epoch()), START);
        List<Segment> waiting = new ArrayList<>(all);
        Collections.shuffle(waiting, random);
        // Some never come.
        int lost = random.nextInt(3);
        List<Segment> came = new ArrayList<>();
        int each = (waiting.size() - lost) / ROLLUPS + 1;
        while (waiting.size() > lost) {
            for (int i = 0; i < each && waiting.size() > lost; i++) {
                Segment segment = waiting.remove(waiting.size() - 1);
                segments.publish(segment.built());
                came.add(segment);
            }
            RollupResult result = new RollupJob(
                            SparkForTests.session(), folder.toString(), database.jdbcUrl(), InstantSource.fixed(end))
                    .run();
            Instant through = through(came);

            assertThat(complete(end))
                    .as("seed " + seed + ", through " + through)
                    .isEqualTo(hoursBefore(through));
            if (through.isBefore(end.minus(Duration.ofMinutes(2)))) {
                assertThat(result.alarms())
                        .as("seed " + seed + ", through " + through)
                        .isNotEmpty();
            } else {
                assertThat(result.alarms())
                        .as("seed " + seed + ", through " + through)
                        .isEmpty();
            }
        }
    }

    /** Makes the log; returns when its last stream was sealed. */
    private Instant build() {
        Instant now = START;
        Optional<Predecessor> predecessor = Optional.empty();
        int count = 1 + random.nextInt(4);
        for (int e = 0; e < count; e++) {
            int wide = 1 + random.nextInt(3);
            EdgeLog log = new EdgeLog("edge-1", now, wide, predecessor);
            epochs.add(log);
            predecessors.add(predecessor);
            streams.add(wide);
            Instant end = now.plus(Duration.ofMinutes(20 + random.nextInt(100)));
            boolean dies = random.nextInt(8) == 0;
            for (int stream = 0; stream < wide; stream++) {
                for (Instant at = now.plusSeconds(1 + random.nextInt(1800));
                        at.isBefore(end);
                        at = at.plusSeconds(1 + random.nextInt(1800))) {
                    LandedSegments.Built built = log.seal(stream, at, random.nextInt(2));
                    boolean corrupt = random.nextInt(40) == 0;
                    if (corrupt) {
                        built.csv()[3] ^= 1;
                    }
                    all.add(new Segment(e, built.seal(), built, corrupt));
                }
                if (e == count - 1) {
                    LandedSegments.Built built = log.seal(stream, end, 1);
                    all.add(new Segment(e, built.seal(), built, false));
                } else if (!dies) {
                    LandedSegments.Built built = log.end(stream, end);
                    all.add(new Segment(e, built.seal(), built, false));
                }
            }
            predecessor = random.nextInt(6) == 0 ? Optional.empty() : Optional.of(log.left());
            now = e == count - 1 ? end : end.plusSeconds(random.nextInt(3000));
        }
        return now;
    }

    private Instant through(List<Segment> came) {
        Instant proven = START;
        for (int e = 0; e < epochs.size(); e++) {
            int epoch = e;
            List<Instant> latest = new ArrayList<>();
            boolean ended = true;
            boolean whole = true;
            for (int stream = 0; stream < streams.get(e); stream++) {
                Optional<Seal> last = lastOf(came, e, stream);
                whole &= last.isPresent();
                ended &= last.map(Seal::endOfStream).orElse(false);
                last.ifPresent(seal -> latest.add(Instant.EPOCH.plusMillis(seal.throughMicros() / 1000)));
            }
            if (whole) {
                Instant reached = ended ? Collections.max(latest) : openEnd(came, e);
                proven = reached.isAfter(proven) ? reached : proven;
            }
            boolean followed = e + 1 < epochs.size()
                    && predecessors.get(e + 1).isPresent()
                    && came.stream().anyMatch(segment -> segment.epoch() == epoch + 1 && !segment.corrupt());
            if (!ended || !whole || !followed) {
                return proven;
            }
        }
        return proven;
    }

    /** The least that a stream which has not ended reached. */
    private Instant openEnd(List<Segment> came, int epoch) {
        Instant least = Instant.MAX;
        for (int stream = 0; stream < streams.get(epoch); stream++) {
            Seal seal = lastOf(came, epoch, stream).orElseThrow();
            Instant through = Instant.EPOCH.plusMillis(seal.throughMicros() / 1000);
            least = !seal.endOfStream() && through.isBefore(least) ? through : least;
        }
        return least;
    }

    private static Optional<Seal> lastOf(List<Segment> came, int epoch, int stream) {
        Optional<Seal> last = Optional.empty();
        for (long number = 1; ; number++) {
            long wanted = number;
            Optional<Seal> next = came.stream()
                    .filter(each -> each.epoch() == epoch
                            && each.seal().id().stream().stream() == stream
                            && each.seal().id().number() == wanted
                            && !each.corrupt())
                    .map(Segment::seal)
                    .findFirst();
            if (next.isEmpty()) {
                return last;
            }
            last = next;
        }
    }

    private static SortedSet<String> hoursBefore(Instant through) {
        SortedSet<String> hours = new TreeSet<>();
        for (Instant hour = START; !hour.plusSeconds(3600).isAfter(through); hour = hour.plusSeconds(3600)) {
            hours.add(hour.toString());
        }
        return hours;
    }

    /** Both as the report has it, and, where nothing was added later, as the merge noted it. */
    private SortedSet<String> complete(Instant now) {
        SortedSet<String> hours = new TreeSet<>();
        for (Map<String, String> row : Report.named("hours").list(database.jdbi(), Map.of("at", now.toString()))) {
            if (Set.of("complete", "revised").contains(row.get("status"))) {
                hours.add(row.get("hour"));
            }
        }
        Set<String> noted = new HashSet<>(database.jdbi()
                .withHandle(handle -> handle.createQuery("select extract(epoch from hour)::bigint from hour_status")
                        .mapTo(Long.class)
                        .map(seconds -> Instant.ofEpochSecond(seconds).toString())
                        .list()));
        assertThat(noted).as("seed " + seed).isEqualTo(hours);
        return hours;
    }
}
