package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.testing.ChildProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.DataInputStream;
import java.io.EOFException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import static java.util.stream.LongStream.rangeClosed;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Kill -9 of a process that writes many logs at once, each of them in a state of its own: appending, rolling, sealing,
 * publishing, recovering from the kill before. Two hundred and forty such moments, from a seed.
 */
final class KillTest {
    private static final int LOGS = 20;
    private static final int KILLS = 12;

    @TempDir
    Path folder;

    private record Life(int log, Epoch epoch) {}

    @Test
    void whatWasAcknowledgedIsLandedWhereverTheProcessWasKilled() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Map<Life, Long> acknowledged = new HashMap<>();
        for (int kill = 0; kill < KILLS; kill++) {
            Process writer = ChildProcess.start(WriterMain.class, folder.toString(), LOGS + "", random.nextLong() + "");
            // From one log that appends, the others still recovering, to all of them.
            kill(writer, 1 + kill * (LOGS - 1) / (KILLS - 1), random.nextInt(700), acknowledged);
        }
        assertThat(acknowledged.keySet()).as("seed " + seed).hasSizeGreaterThan(LOGS * KILLS / 2);

        for (int log = 0; log < LOGS; log++) {
            FolderLanding landing = new FolderLanding(folder.resolve("landing-" + log));
            AccessLogConfig config = WriterMain.config(folder.resolve("data-" + log));
            AccessLog.open(config, landing, MicroClock.of(Clock.systemUTC()), notice -> {})
                    .close();
            for (StreamId stream : landing.streams()) {
                List<Seal> seals = landing.sealsAfter(stream, 0, Integer.MAX_VALUE);
                long last = acknowledged.getOrDefault(new Life(log, stream.epoch()), 0L);
                check(landing, seals, last, "seed " + seed + ", log " + log + ", " + stream);
            }
        }
    }

    /** Begins to wait when so many logs have acknowledged; what is in the pipe at the kill counts. */
    private static void kill(Process writer, int logs, int afterMillis, Map<Life, Long> acknowledged) throws Exception {
        Thread killer = new Thread(() -> {
            try {
                TimeUnit.MILLISECONDS.sleep(afterMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            // The handle: Process.destroyForcibly also closes the pipe, with acknowledgements in it.
            writer.toHandle().destroyForcibly();
        });
        try (DataInputStream pipe = new DataInputStream(new java.io.BufferedInputStream(writer.getInputStream()))) {
            Set<Life> appending = new HashSet<>();
            while (true) {
                Life life = new Life(pipe.readInt(), new Epoch(pipe.readLong(), pipe.readLong()));
                acknowledged.merge(life, pipe.readLong(), Math::max);
                if (appending.add(life) && appending.size() == logs) {
                    killer.start();
                }
            }
        } catch (EOFException e) {
            // Killed, and all that it had acknowledged is read.
        }
        assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue();
        String said = new String(writer.getErrorStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(said).isEmpty();
    }

    private static void check(FolderLanding landing, List<Seal> seals, long acknowledged, String where)
            throws Exception {
        List<Long> sequence = LogFixture.sequence(landing, seals);
        assertThat(sequence)
                .as(where)
                .isEqualTo(rangeClosed(1, sequence.size()).boxed().toList())
                .hasSizeBetween((int) acknowledged, (int) acknowledged + 1);
        long accounted = seals.stream()
                .mapToLong(seal -> seal.records().count() + seal.unlogged().total())
                .sum();
        assertThat(seals.stream().mapToLong(Seal::served).sum()).as(where).isBetween(accounted - 1, accounted);
        for (int i = 0; i < seals.size(); i++) {
            assertThat(seals.get(i).id().number()).as(where).isEqualTo(i + 1L);
            assertThat(seals.get(i).unlogged().lost()).as(where).isZero();
            if (i > 0) {
                assertThat(seals.get(i).previousSha256())
                        .as(where)
                        .contains(seals.get(i - 1).sha256());
            }
        }
    }
}
