package io.counterfoil.jobs.faults;

import io.counterfoil.accesslog.landing.LandingLayout;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;
import io.counterfoil.jobs.rollup.LandedSegments;
import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

import static org.assertj.core.api.Assertions.assertThat;

/** Objects of a segment that lie under other names; beside them lie good ones, which are counted once. */
final class CopiedSegmentsTest {
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
    void aSegmentsObjectsUnderAnotherEdgeOrStreamHoldUpThatStreamAlone() throws Exception {
        SegmentId original = new SegmentId(FaultedLanding.stream(0), 1);
        copy(original, new SegmentId(LandedSegments.stream("edge-copy", 0), 1));
        copy(original, new SegmentId(LandedSegments.stream("edge-0", 5), 1));

        assertThat(landing.rollup().unreadable())
                .as(landing.seed())
                .hasSize(2)
                .allMatch(line -> line.contains("is the seal of " + original + ", expected "));
        landing.assertCountedOnce(good);
    }

    @Test
    void aSegmentsObjectsUnderAnotherNumberHoldUpThatStreamUntilTheyAreGone() throws Exception {
        SegmentId original = new SegmentId(FaultedLanding.stream(0), 1);
        SegmentId copy = new SegmentId(FaultedLanding.stream(0), 9);
        copy(original, copy);

        assertThat(landing.rollup().unreadable())
                .as(landing.seed())
                .hasSize(1)
                .allMatch(line -> line.contains("is the seal of " + original + ", expected " + copy));
        landing.assertCountedOnce(good.stream()
                .filter(file -> !file.startsWith(folder.resolve("segments/edge-0")))
                .toList());
        Files.delete(landing.object(copy, LandingLayout.SEAL));
        landing.assertCountedOnce(good);
    }

    @Test
    void aSegmentsDataUnderSealsMadeToFitOtherNamesIsQuarantined() throws Exception {
        SegmentId original = new SegmentId(FaultedLanding.stream(0), 1);
        for (StreamId stream : List.of(
                LandedSegments.stream("edge-copy", 0),
                LandedSegments.stream("edge-0", 5),
                // Under its own name it would be the same segment again.
                LandedSegments.stream("edge-0", 0))) {
            SegmentId name = new SegmentId(stream, 9);
            copy(original, name);
            Files.write(landing.object(name, LandingLayout.SEAL), SealJson.write(renamed(original, name)));
        }

        RollupResult result = landing.rollup();

        assertThat(result.quarantined())
                .as(landing.seed())
                .hasSize(3)
                .allMatch(line -> line.contains("/9: ") && line.contains("line 1 is not '#"));
        landing.assertCountedOnce(good);
    }

    private void copy(SegmentId from, SegmentId to) throws IOException {
        for (String suffix : List.of(LandingLayout.DATA, LandingLayout.SEAL)) {
            Path copy = landing.object(to, suffix);
            Files.createDirectories(Objects.requireNonNull(copy.getParent()));
            Files.copy(landing.object(from, suffix), copy);
        }
    }

    private Seal renamed(SegmentId from, SegmentId to) throws IOException {
        String json = Files.readString(landing.object(from, LandingLayout.SEAL))
                .replace(
                        "\"edge\":\"" + from.stream().edge() + "\"",
                        "\"edge\":\"" + to.stream().edge() + "\"")
                .replace("\"stream\":" + from.stream().stream(), "\"stream\":" + to.stream().stream())
                .replace("\"segment\":" + from.number(), "\"segment\":" + to.number());
        Seal seal = SealJson.read(json.getBytes(StandardCharsets.UTF_8));
        assertThat(seal.id()).isEqualTo(to);
        return seal;
    }
}
