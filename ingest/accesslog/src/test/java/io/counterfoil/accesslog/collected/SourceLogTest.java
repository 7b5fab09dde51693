package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.ship.ShippingCounters;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A source's log whose disk fails at any step: forces that fail, files that cannot be made because something stands in their place,
 * processes that end between any two steps, with what was not forced gone or not. From a seed.
 */
final class SourceLogTest {
    private static final int STEPS = 120;

    @TempDir
    Path folder;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final List<String> steps = new ArrayList<>();
    private final Set<BatchId> told = new HashSet<>();
    /** Appended, and to be told of once forced, as long as the log's losses are these. */
    private final List<BatchId> appended = new ArrayList<>();

    private final Set<Path> obstacles = new HashSet<>();
    private long lossesThen;
    private boolean forcesFail;
    private boolean keyKnown;
    private long last;
    private SourceLog log;

    private FolderLanding sealed() {
        return new FolderLanding(folder.resolve("sealed"));
    }

    private SourceFolder source() throws IOException {
        return SourceFolder.open(folder, Batches.SOURCE, Clock.systemUTC().instant());
    }

    private void open() throws IOException {
        SourceFolder source = source();
        log = SourceLog.open(
                source,
                new SourceSegments(source.stream(), sealed(), new ShippingCounters()),
                Clock.systemUTC(),
                file -> {
                    if (forcesFail && random.nextBoolean()) {
                        throw new IOException("the disk fails");
                    }
                    file.force(false);
                });
    }

    @RepeatedTest(30)
    void whateverFailsWhatWasToldCountsOnceAndTheRestMayComeAgain() throws Exception {
        open();
        for (int i = 0; i < STEPS; i++) {
            step();
        }
        forcesFail = false;
        keyKnown = true;
        clear();
        for (int end = 0; end < 3; end++) {
            crash();
            for (long number = 1; number <= last; number++) {
                // A sender forgets what it was told of.
                if (!told.contains(new BatchId("i", number))) {
                    append(new BatchId("i", number));
                }
            }
            release();
            force();
            roll();
        }

        assertThat(told).as(this::story).hasSize((int) last);
        List<String> expected = new ArrayList<>();
        for (long number = 1; number <= last; number++) {
            for (int i = 0; i < records(number); i++) {
                expected.add(Batches.requestId(new BatchId("i", number), i));
            }
        }
        assertThat(Batches.records(sealed()).stream().map(LogRecord::facts).map(facts -> facts.requestId()))
                .as(this::story)
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(Batches.seals(sealed()).stream()
                        .mapToLong(seal -> seal.source()
                                .orElseThrow()
                                .collected()
                                .orElseThrow()
                                .held())
                        .sum())
                .as(this::story)
                .isZero();
    }

    private String story() {
        return "seed " + seed + ": " + String.join(", ", steps);
    }

    private static int records(long number) {
        return (int) (number * 7 % 11);
    }

    private void step() throws Exception {
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> append(new BatchId("i", ++last));
            case 4 -> {
                BatchId again = new BatchId("i", 1 + random.nextInt((int) Math.max(1, last)));
                if (!told.contains(again) || random.nextInt(8) == 0) {
                    append(again);
                }
            }
            case 5, 6 -> force();
            case 7, 8 -> roll();
            case 9 -> obstruct();
            case 10 -> {
                forcesFail = !forcesFail;
                keyKnown |= random.nextInt(4) == 0;
                release();
            }
            default -> crash();
        }
        last = Math.max(last, 1);
    }

    private KeyNumbers keys() {
        return sha256 -> keyKnown || sha256.equals(Batches.KEY) ? Batches.KEY_ID : KeyNumbers.UNKNOWN;
    }

    private void append(BatchId id) throws Exception {
        steps.add("append " + id.number());
        if (log.failed()) {
            return;
        }
        try {
            log.append(Batches.of(id, records(id.number())), keys(), System.nanoTime());
            if (appended.isEmpty() || log.losses() != lossesThen) {
                appended.clear();
                lossesThen = log.losses();
            }
            appended.add(id);
        } catch (IOException e) {
            steps.add("failed");
        }
    }

    private void release() {
        try {
            log.release(keys(), System.nanoTime());
        } catch (IOException e) {
            steps.add("release failed");
        }
    }

    private void force() {
        steps.add("force");
        try {
            if (!log.failed() && log.hasUnforced()) {
                log.force();
            }
        } catch (IOException e) {
            steps.add("failed");
        }
        if (!log.failed() && !log.hasUnforced() && log.losses() == lossesThen) {
            told.addAll(appended);
        }
        appended.clear();
    }

    private void roll() {
        // As the thread does: nothing is told of that was not forced before.
        force();
        steps.add("roll");
        try {
            if (!log.failed()) {
                log.roll();
            }
        } catch (IOException e) {
            steps.add("failed");
        }
    }

    /** The process ends here; what it had not forced is on the disk or, where the machine went too, may be gone. */
    private void crash() throws Exception {
        steps.add("crash");
        appended.clear();
        clear();
        boolean failing = forcesFail;
        forcesFail = false;
        open();
        forcesFail = failing;
    }

    /** Something stands where a file of the next roll is to be. */
    private void obstruct() throws IOException {
        clear();
        SourceFolder source = source();
        long number = new TreeSet<>(source.journals()).last();
        List<Path> places = List.of(
                source.journal(number + 1),
                source.held(),
                source.identities(),
                folder.resolve("sealed/segments/" + Batches.SOURCE + "/"
                        + source.stream().epoch() + "/0/0/" + number + ".csv.zst"),
                folder.resolve("sealed/segments/" + Batches.SOURCE + "/"
                        + source.stream().epoch() + "/0/0/" + number + ".seal.json"));
        Path place = places.get(random.nextInt(places.size()));
        steps.add("obstruct " + place.getFileName());
        if (!Files.exists(place)) {
            Files.createDirectories(place);
            obstacles.add(place);
        } else if (Files.isRegularFile(place)) {
            // What is written anew there fails; what it holds is put back.
            Files.move(place, place.resolveSibling("aside-" + place.getFileName()));
            Files.createDirectories(place);
            obstacles.add(place);
        }
    }

    private void clear() throws IOException {
        for (Path place : obstacles) {
            if (Files.isDirectory(place)) {
                Files.delete(place);
                Path aside = place.resolveSibling("aside-" + place.getFileName());
                if (Files.exists(aside)) {
                    Files.move(aside, place);
                }
            }
        }
        obstacles.clear();
    }
}
