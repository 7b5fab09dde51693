package io.counterfoil.jobs.faults;

import io.counterfoil.accesslog.landing.LandingLayout;
import io.counterfoil.accesslog.landing.Zstd;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.jobs.rollup.LandedSegments;
import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

/** Objects of a landing that were cut, emptied, renamed or changed; beside them lie good ones, which are counted. */
final class DamagedLandingTest {
    private static final int RECORDS = 40;
    private static final int FLIPS = 24;

    @TempDir
    Path folder;

    private FaultedLanding landing;
    private List<Path> good;

    @BeforeEach
    void landGoodSegments() throws Exception {
        landing = new FaultedLanding(folder, TestDatabase.fresh());
        landing.land();
        landing.land();
        good = landing.data();
    }

    @Test
    void damagedDataIsQuarantinedAndStopsNothingElse() throws Exception {
        Path truncated = land("truncated", 1);
        byte[] whole = Files.readAllBytes(truncated);
        Files.write(truncated, Arrays.copyOf(whole, 1 + landing.random().nextInt(whole.length - 1)));
        Files.write(land("emptied", 1), new byte[0]);
        Path other = folder.resolve("other");
        Path first = land("swapped", 1);
        Path second = land("swapped", 2);
        Files.move(first, other);
        Files.move(second, first);
        Files.move(other, second);
        Path renamed = land("renamed", 1);
        Files.move(renamed, renamed.resolveSibling("7.csv.zst"));

        RollupResult result = landing.rollup();

        assertThat(result.quarantined())
                .as(landing.seed())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("edge-emptied/").contains("it is empty"),
                        line -> assertThat(line).startsWith("edge-renamed/").contains("the data is not"),
                        line -> assertThat(line).startsWith("edge-swapped/").contains("/1: "),
                        line -> assertThat(line).startsWith("edge-swapped/").contains("/2: "),
                        line -> assertThat(line).startsWith("edge-truncated/"));
        landing.assertCountedOnce(good);
    }

    @Test
    void anyFlippedBitIsQuarantinedWhereItChangesALine() throws Exception {
        Random random = landing.random();
        List<Path> right = new ArrayList<>(good);
        for (int number = 1; number <= FLIPS; number++) {
            Path file = land("flipped", number);
            byte[] bytes = Files.readAllBytes(file);
            byte[] lines = Zstd.decompress(bytes);
            // The first half of them in zstd's own header, which says how much memory it wants.
            int at = number <= FLIPS / 2 ? number - 1 : random.nextInt(bytes.length);
            bytes[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            Files.write(file, bytes);
            if (same(bytes, lines)) {
                right.add(file);
            }
        }

        RollupResult result = landing.rollup();

        assertThat(result.quarantined()).as(landing.seed()).hasSize(FLIPS - (right.size() - good.size()));
        assertThat(result.quarantined().size()).as(landing.seed()).isGreaterThan(FLIPS / 2);
        landing.assertCountedOnce(right);
    }

    @Test
    void dataWithoutASealWaitsForIt() throws Exception {
        land("waiting", 1);
        Path seal = landing.object(new SegmentId(stream("waiting"), 1), LandingLayout.SEAL);
        Path away = folder.resolve("away");
        Files.move(seal, away);

        assertThat(landing.rollup().quarantined()).as(landing.seed()).isEmpty();
        landing.assertCountedOnce(good);
        Files.move(away, seal);
        landing.assertCountedOnce();
    }

    @Test
    void aSealThatIsNoneHoldsUpItsStreamAlone() throws Exception {
        List<String> broken = List.of("", " ", "null", "[]", "{}", "1", "\"seal\"", "\0\0\0", "{\"edge\":");
        for (int i = 0; i < broken.size(); i++) {
            land("broken-" + i, 1);
            Files.writeString(
                    landing.object(new SegmentId(stream("broken-" + i), 1), LandingLayout.SEAL), broken.get(i));
        }

        assertThat(landing.rollup().unreadable())
                .as(landing.seed())
                .hasSize(broken.size())
                .allMatch(line -> line.contains("1.seal.json"));
        landing.assertCountedOnce(good);
    }

    private static StreamId stream(String name) {
        return LandedSegments.stream("edge-" + name, 0);
    }

    /** Gives where its data lies. */
    private Path land(String name, int number) throws Exception {
        long firstSeq = (long) (number - 1) * RECORDS + 1;
        landing.segments().publish(landing.segments().random(stream(name), number, firstSeq, RECORDS));
        return landing.object(new SegmentId(stream(name), number), LandingLayout.DATA);
    }

    /** Not every bit of a zstd frame has a meaning. */
    private static boolean same(byte[] frame, byte[] lines) {
        try {
            return Arrays.equals(Zstd.decompress(frame), lines);
        } catch (IOException e) {
            return false;
        }
    }
}
