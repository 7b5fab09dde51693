package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.LandingConflictException;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.testing.ChildProcess;
import io.counterfoil.accesslog.testing.Waiting;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;

/** One edge's name in two folders, or in none: what a copy and a loss of the data folder do. */
final class IdentityTest {
    @TempDir
    Path folder;

    private LogFixture fixture;

    @BeforeEach
    void fixture() {
        fixture = new LogFixture(folder);
    }

    @Test
    void aFolderCopiedWhileItsEdgeWasStoppedGivesTwoLogsThatDoNotMeet() throws Exception {
        try (AccessLog log = fixture.open(fixture.config("data"))) {
            fixture.append(log.stream(0), 5);
            log.stream(0).end();
        }
        LogFixture.copy(folder.resolve("data"), folder.resolve("copy"));
        Epoch one;
        Epoch two;
        try (AccessLog log = fixture.open(fixture.config("data"));
                AccessLog copy = fixture.open(fixture.config("copy"))) {
            one = log.epoch();
            two = copy.epoch();
            fixture.append(log.stream(0), 3);
            fixture.append(copy.stream(0), 4);
            log.stream(0).end();
            copy.stream(0).end();
        }

        assertThat(one).isNotEqualTo(two);
        assertThat(LogFixture.records(fixture.seals())).isEqualTo(12);
        assertThat(fixture.notices).isEmpty();
    }

    /** The copy takes the original for dead and ends its stream; the original then finds another content in its place. */
    @Test
    void aFolderCopiedWhileItsEdgeRunsQuarantinesThatStreamAndNothingElse() throws Exception {
        try (AccessLog log = fixture.open(fixture.config("data"))) {
            fixture.append(log.stream(0), 5);
            LogFixture.copy(folder.resolve("data"), folder.resolve("copy"));
            try (AccessLog copy = fixture.open(fixture.config("copy"))) {
                fixture.append(copy.stream(0), 4);
                copy.stream(0).end();
            }
            fixture.append(log.stream(0), 2);
            LogFixture.roll(log.stream(0));
            Waiting.until("the conflict is seen", () -> log.stats().quarantinedStreams() == 1);
            assertThat(log.stats().landingDown()).isFalse();
            assertThat(log.stats().waitingSegments()).isPositive();
            log.stream(0).end();
        }

        assertThat(fixture.notices)
                .anyMatch(line -> line.contains("is quarantined, its segments stay on this disk")
                        && line.contains("Was this data folder copied?"));
        assertThat(LogFixture.records(fixture.seals())).isEqualTo(5 + 4);
        try (AccessLog log = fixture.open(fixture.config("data"))) {
            fixture.append(log.stream(0), 6);
            log.stream(0).end();
        }
        assertThat(LogFixture.records(fixture.seals()))
                .as("the next epoch is landed")
                .isEqualTo(5 + 4 + 6);
        assertThat(LogFixture.seals(new io.counterfoil.accesslog.landing.FolderLanding(folder.resolve("data/sealed"))))
                .as("what is quarantined is still there")
                .filteredOn(seal -> seal.records().count() == 7)
                .hasSize(1);
    }

    @Test
    void aLostFolderLeavesThePredecessorUnknown() throws Exception {
        try (AccessLog log = fixture.open(fixture.config("data"))) {
            fixture.append(log.stream(0), 5);
            log.stream(0).end();
        }
        fixture.micros.addAndGet(60_000_000);
        try (AccessLog log = fixture.open(fixture.config("a-new-one"))) {
            fixture.append(log.stream(0), 3);
            log.stream(0).end();
        }

        List<Seal> seals = fixture.seals();
        assertThat(seals).hasSize(2);
        assertThat(seals.get(1).id().stream().epoch())
                .isGreaterThan(seals.get(0).id().stream().epoch());
        assertThat(seals).extracting(Seal::predecessor).containsOnly(Optional.empty());
    }

    @Test
    void aSecondProcessOnTheFolderIsTurnedAway() throws Exception {
        AccessLogConfig config = fixture.config("data");
        try (AccessLog log = fixture.open(config)) {
            Process second =
                    ChildProcess.start(WriterMain.class, config.folder().toString(), "1");
            String said = new String(second.getErrorStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(second.waitFor()).isEqualTo(2);
            assertThat(said).contains("is in use by another edge; stop that one");
            log.stream(0).end();
        }
    }

    @Test
    void aConflictStopsOnlyItsStream() throws Exception {
        Landing conflicting = new OtherLanding(fixture.landing(), 0);
        AccessLogConfig two =
                AccessLogConfig.of(folder.resolve("data"), "edge-1", 2).withSegmentBytes(64 << 10);
        try (AccessLog log = fixture.open(two, conflicting, Disk.REAL)) {
            fixture.append(log.stream(0), 5);
            fixture.append(log.stream(1), 7);
            log.stream(0).end();
            log.stream(1).end();
            Waiting.until("one stream is quarantined", () -> log.stats().quarantinedStreams() == 1);
        }
        assertThat(fixture.seals()).allMatch(seal -> seal.id().stream().stream() == 1);
        assertThat(LogFixture.records(fixture.seals())).isEqualTo(7);
    }

    /** Its bytes are bounded apart: they stop its own event loop in the end, and no other. */
    @Test
    void whatIsQuarantinedTakesNoRoomFromOtherStreams() throws Exception {
        Landing conflicting = new OtherLanding(fixture.landing(), 0);
        AccessLogConfig two = AccessLogConfig.of(folder.resolve("data"), "edge-1", 2)
                .withSegmentBytes(64 << 10)
                .withMaxWaitingBytes(20_000);
        long logged = 0;
        try (AccessLog log = fixture.open(two, conflicting, Disk.REAL)) {
            while (log.stats().unlogged().disk() == 0) {
                LogStream stream = log.stream(0);
                Waiting.until("a segment is ready, or the bound is reached", () -> stream.ready() || waits(log));
                fixture.serve(stream, 100);
            }
            for (int i = 0; i < 50; i++) {
                fixture.append(log.stream(1), 100);
                logged += 100;
                LogFixture.roll(log.stream(1));
            }
            log.stream(0).end();
            log.stream(1).end();
        }
        assertThat(LogFixture.records(fixture.seals())).isEqualTo(logged);
    }

    private static boolean waits(AccessLog log) {
        return log.stats().waitingBytes() >= 20_000;
    }

    /** A landing in which one stream's names are taken. */
    private record OtherLanding(Landing landing, int taken) implements Landing {
        @Override
        public void publish(Seal seal, byte[] data, Optional<byte[]> rejects)
                throws IOException, LandingConflictException {
            if (seal.id().stream().stream() == taken) {
                throw new LandingConflictException("taken.");
            }
            landing.publish(seal, data, rejects);
        }

        @Override
        public void discardUnsealed(SegmentId id) throws IOException {
            landing.discardUnsealed(id);
        }

        @Override
        public String bind(String database) throws IOException {
            return landing.bind(database);
        }

        @Override
        public List<StreamId> streams() throws IOException {
            return landing.streams();
        }

        @Override
        public List<Seal> sealsAfter(StreamId stream, long mark, int limit) throws IOException {
            return landing.sealsAfter(stream, mark, limit);
        }

        @Override
        public Seal seal(SegmentId id) throws IOException {
            return landing.seal(id);
        }

        @Override
        public Optional<byte[]> data(SegmentId id) throws IOException {
            return landing.data(id);
        }

        @Override
        public Optional<byte[]> rejects(SegmentId id) throws IOException {
            return landing.rejects(id);
        }

        @Override
        public Optional<byte[]> repair(SegmentId id, int n) throws IOException {
            return landing.repair(id, n);
        }

        @Override
        public boolean createRepair(SegmentId id, int n, byte[] data) throws IOException {
            return landing.createRepair(id, n, data);
        }
    }
}
