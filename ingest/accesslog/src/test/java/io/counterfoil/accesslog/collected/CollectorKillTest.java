package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.accesslog.seal.CollectedRange;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.testing.ChildProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;

/** Kill -9 of a collector at any instant, and senders that post again what they were not told of, and some of what they were. */
final class CollectorKillTest {
    private static final int KILLS = 15;
    private static final int INSTANCES = 4;

    @TempDir
    Path folder;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final List<String> all = new ArrayList<>();
    private final Set<String> told = new HashSet<>();

    @Test
    void eachBatchCountsOnceWhereverItsCollectorWasKilled() throws Exception {
        long[] numbers = new long[INSTANCES];
        for (int kill = 0; kill < KILLS; kill++) {
            for (int i = 0; i < 300; i++) {
                int instance = random.nextInt(INSTANCES);
                all.add("i" + instance + " " + ++numbers[instance] + " " + random.nextInt(12));
            }
            live(random.nextInt(150));
        }
        Files.createFile(folder.resolve("known"));
        live(-1);
        for (int i = 0; i < 10 && told.size() < all.size(); i++) {
            live(-1);
        }

        assertThat(told).as("seed %d", seed).hasSize(all.size());
        FolderLanding landing = new FolderLanding(folder.resolve("landing"));
        List<String> expected = new ArrayList<>();
        for (String batch : all) {
            String[] words = batch.split(" ", -1);
            BatchId id = new BatchId(words[0], Long.parseLong(words[1]));
            for (int i = 0; i < Integer.parseInt(words[2]); i++) {
                expected.add(Batches.requestId(id, i));
            }
        }
        List<LogRecord> records = Batches.records(landing);
        assertThat(records.stream().map(record -> record.facts().requestId()))
                .as("seed %d: each record of each batch once", seed)
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(records).allMatch(record -> record.facts().keyId() == Batches.KEY_ID);
        check(Batches.seals(landing), numbers);
    }

    private void check(List<Seal> seals, long[] numbers) {
        assertThat(seals.stream()
                        .mapToLong(seal -> seal.source()
                                .orElseThrow()
                                .collected()
                                .orElseThrow()
                                .held())
                        .sum())
                .as("seed %d: nothing waits any more", seed)
                .isZero();
        for (int i = 1; i < seals.size(); i++) {
            assertThat(seals.get(i).previousSha256()).contains(seals.get(i - 1).sha256());
        }
        for (int instance = 0; instance < INSTANCES; instance++) {
            String name = "i" + instance;
            List<Long> stated = new ArrayList<>();
            for (Seal seal : seals) {
                for (CollectedRange.Batches run :
                        seal.source().orElseThrow().collected().orElseThrow().batches()) {
                    for (long number = run.first(); run.instance().equals(name) && number <= run.last(); number++) {
                        stated.add(number);
                    }
                }
            }
            assertThat(stated).as("seed %d: no batch is stated twice", seed).doesNotHaveDuplicates();
            assertThat(new TreeSet<>(stated)).hasSize((int) numbers[instance]);
        }
    }

    /** One life of the collector: posts what is not told of, mixed with what is; kills it after so long, or lets it end. */
    private void live(int afterMillis) throws Exception {
        Process collector = ChildProcess.start(CollectorMain.class, folder.toString());
        List<String> posts = new ArrayList<>(all.stream()
                .filter(batch -> !told.contains(name(batch)) || random.nextInt(20) == 0)
                .collect(Collectors.toList()));
        Thread poster = new Thread(() -> post(collector, posts, afterMillis < 0));
        poster.start();
        try (BufferedReader answers =
                new BufferedReader(new InputStreamReader(collector.getInputStream(), StandardCharsets.US_ASCII))) {
            boolean first = true;
            for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                told.add(line);
                if (first && afterMillis >= 0) {
                    new Thread(() -> killAfter(collector, afterMillis)).start();
                }
                first = false;
            }
        }
        assertThat(collector.waitFor(30, TimeUnit.SECONDS)).isTrue();
        poster.join();
    }

    private static String name(String batch) {
        return batch.substring(0, batch.lastIndexOf(' '));
    }

    private static void post(Process collector, List<String> posts, boolean ends) {
        // Where it is to be killed its input stays open, so that it is killed and does not end.
        BufferedWriter out =
                new BufferedWriter(new OutputStreamWriter(collector.getOutputStream(), StandardCharsets.US_ASCII));
        try {
            for (String batch : posts) {
                out.write(batch + "\n");
                out.flush();
            }
            if (ends) {
                out.close();
            }
        } catch (IOException e) {
            assertThat(ends).as("it was killed, not gone by itself").isFalse();
        }
    }

    private static void killAfter(Process collector, int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        collector.toHandle().destroyForcibly();
    }
}
