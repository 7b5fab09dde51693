package io.counterfoil.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.export.StripeStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import static io.counterfoil.jobs.export.StripeWorld.read;
import static io.counterfoil.jobs.export.StripeWorld.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Runs for Stripe that die, or come at once: each batch is written once, or is told. */
final class StripeRunsTest {
    private static final List<StripeStore.Meter> REQUESTS = StripeWorld.REQUESTS;
    private static final UsageRange ALL = StripeWorld.ALL;
    private static final Instant NOW = StripeWorld.NOW;

    @TempDir
    Path folder;

    private final StripeWorld world = new StripeWorld();
    private final TestDatabase database = world.database;
    private final StripeStore store = world.store;
    private final StripeExportJob job = world.job;
    private int files;

    private void count(String hour, long key, String outcome, long requests) {
        world.count(hour, key, outcome, requests);
    }

    private Path next() {
        return folder.resolve("events-" + ++files + ".jsonl");
    }

    /** The batch counts as sent and is not noted as written: nothing else is sent before it is written. */
    private void othersAreRefusedUntilItIsWritten(long batch) {
        Path other = next();
        UsageRange november = new UsageRange(Instant.parse("2026-11-01T00:00:00Z"), ALL.to());
        assertThatThrownBy(() -> job.send(REQUESTS, november, other))
                .isInstanceOf(OperatorException.class)
                .hasMessage("batch " + batch + ", fixed at " + NOW
                        + ", counts as sent, and its run did not end: its file may not be there; nothing was sent now."
                        + " Write it: counterfoil export stripe --again " + batch
                        + " --out FILE, and then run this again")
                .satisfies(e -> assertThat(((OperatorException) e).exitCode()).isEqualTo(2));
        assertThat(other).doesNotExist();
        assertThat(store.last()).hasValue(batch);
    }

    @Test
    void aRunThatDiedBeforeItsFileWasThereIsToldByTheNextWhereverThatWrites() throws Exception {
        count("2026-11-19T05:00:00Z", 1, "success", 10);
        Path file = next();
        // The file cannot be placed: a folder has its manifest's name.
        Files.createDirectories(Manifest.beside(file).resolve("x"));
        assertThatThrownBy(() -> job.send(REQUESTS, ALL, file))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("; batch 1 is fixed, and counts as sent. Write it: counterfoil export stripe"
                        + " --again 1 --out FILE");
        assertThat(file).doesNotExist();

        count("2026-11-19T05:00:00Z", 1, "success", 5);
        othersAreRefusedUntilItIsWritten(1);
        Path again = next();
        job.again(1, again);
        assertThat(values(again)).containsExactly("10");
        Path later = next();
        job.send(REQUESTS, ALL, later);
        assertThat(values(later)).containsExactly("5");
    }

    @Test
    void aRunThatDiedBeforeItsManifestWasThereIsEndedInPlace() throws Exception {
        count("2026-11-19T05:00:00Z", 1, "success", 10);
        Path file = next();
        job.send(REQUESTS, ALL, file);
        byte[] manifest = Files.readAllBytes(Manifest.beside(file));
        Files.delete(Manifest.beside(file));
        database.jdbi().useHandle(handle -> handle.execute("update stripe_batch set written_at = null"));
        Object inode = Files.readAttributes(file, BasicFileAttributes.class).fileKey();

        othersAreRefusedUntilItIsWritten(1);
        job.again(1, file);
        assertThat(Files.readAttributes(file, BasicFileAttributes.class).fileKey())
                .isEqualTo(inode);
        assertThat(values(file)).containsExactly("10");
        assertThat(Manifest.beside(file)).hasBinaryContent(manifest);
        assertThat(job.send(REQUESTS, ALL, next()).batch()).isEmpty();
    }

    @Test
    void aRunThatDiedBeforeItsBatchWasNotedAsWrittenIsOnlyNoted() throws Exception {
        count("2026-11-19T05:00:00Z", 1, "success", 10);
        count("2026-11-19T05:00:00Z", 3, "success", 1);
        Path file = next();
        int[] asked = new int[1];
        StripeExportJob dying = new StripeExportJob(
                store,
                () -> {
                    if (++asked[0] > 1) {
                        throw new IllegalStateException("killed");
                    }
                    return NOW;
                },
                "1.2.3");
        assertThatThrownBy(() -> dying.send(REQUESTS, ALL, file)).hasMessage("killed");
        byte[] manifest = Files.readAllBytes(Manifest.beside(file));
        // What was refused then stands in the manifest of that run alone.
        assertThat(new String(manifest, StandardCharsets.UTF_8)).contains("account 'Gamma'");

        othersAreRefusedUntilItIsWritten(1);
        job.again(1, file);
        assertThat(Manifest.beside(file)).hasBinaryContent(manifest);
        assertThat(values(file)).containsExactly("10");
        assertThat(job.send(REQUESTS, ALL, next()).batch()).isEmpty();
    }

    @Test
    void anotherFileIsNotReplacedByOneThatIsWrittenAgain() throws Exception {
        count("2026-11-19T05:00:00Z", 1, "success", 10);
        job.send(REQUESTS, ALL, next());
        count("2026-11-19T05:00:00Z", 1, "success", 5);
        Path second = next();
        job.send(REQUESTS, ALL, second);
        assertThatThrownBy(() -> job.again(1, second))
                .isInstanceOf(OperatorException.class)
                .hasMessage(
                        "--out " + second + " is there already, and is not the file of batch 1, which counts as sent."
                                + " Write it: counterfoil export stripe --again 1 --out FILE, FILE being a new name");
        assertThat(values(second)).containsExactly("5");
        assertThat(Manifest.beside(second)).exists();
    }

    @Test
    void whatEarlierVersionsLeftBesideAFileBringsNoBatchBack() throws Exception {
        count("2026-11-19T05:00:00Z", 1, "success", 10);
        job.send(REQUESTS, ALL, next());
        count("2026-11-19T05:00:00Z", 1, "success", 5);
        Path file = next();
        Files.writeString(folder.resolve(file.getFileName() + ".batch"), "1\n");
        job.send(REQUESTS, ALL, file);
        assertThat(values(file)).containsExactly("5");
    }

    @Test
    void aRunThatComesWhileAnotherWritesTheSameFileFixesNothing() throws Exception {
        count("2026-11-19T05:00:00Z", 1, "success", 10);
        Path file = next();
        List<String> told = new ArrayList<>();
        StripeExportJob outer = new StripeExportJob(
                store,
                () -> {
                    // The outer one knows by now that no such file is there.
                    if (told.isEmpty()) {
                        told.add("");
                        assertThatThrownBy(() -> job.send(REQUESTS, ALL, file))
                                .isInstanceOf(OperatorException.class)
                                .satisfies(e -> told.add(e.getMessage()));
                        count("2026-11-19T05:00:00Z", 1, "success", 5);
                    }
                    return NOW;
                },
                "1.2.3");
        outer.send(REQUESTS, ALL, file);
        assertThat(told.get(1))
                .isEqualTo("another export writes " + file + " just now; wait for its end, or give another --out");
        assertThat(values(file)).containsExactly("15");
        assertThat(store.last()).hasValue(1L);
    }

    @Test
    void runsToTheSameFileLoseNothingWhateverIsCountedBetweenThem() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        Set<String> identifiers = new HashSet<>();
        long billable = 0;
        long sent = 0;
        try {
            for (int round = 1; round <= 8; round++) {
                Path file = next();
                count("2026-11-19T05:00:00Z", 1, "success", 1);
                billable++;
                List<Callable<Boolean>> work = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    if (i % 2 == 1) {
                        long more = random.nextLong(1, 51);
                        billable += more;
                        work.add(() -> {
                            count("2026-11-19T05:00:00Z", 1, "success", more);
                            return false;
                        });
                    }
                    work.add(() -> {
                        try {
                            return job.send(REQUESTS, ALL, file).batch().isPresent();
                        } catch (OperatorException e) {
                            // Another one is at it, or has done it.
                            return false;
                        }
                    });
                }
                java.util.Collections.shuffle(work, random);
                for (var done : pool.invokeAll(work)) {
                    done.get();
                }
                for (JsonNode event : read(file)) {
                    assertThat(identifiers.add(event.get("identifier").textValue()))
                            .as("seed " + seed)
                            .isTrue();
                    sent += Long.parseLong(event.get("payload").get("value").textValue());
                }
                // One file, one batch.
                assertThat(store.last()).as("seed " + seed).hasValue((long) round);
            }
        } finally {
            pool.shutdownNow();
        }
        Path rest = next();
        job.send(REQUESTS, ALL, rest);
        for (String value : values(rest)) {
            sent += Long.parseLong(value);
        }
        assertThat(sent).as("seed " + seed).isEqualTo(billable);
    }

    @Test
    void whateverIsCountedBetweenAndHoweverManySendAtOnceTheSumIsWhatIsBillable() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Path> sent = new ArrayList<>();
        ExecutorService pool = Executors.newFixedThreadPool(3);
        try {
            for (int round = 0; round < 6; round++) {
                for (int i = 0; i < 10; i++) {
                    count(
                            "2026-11-1" + random.nextInt(10) + "T0" + random.nextInt(3) + ":00:00Z",
                            1 + random.nextInt(2),
                            random.nextBoolean() ? "success" : "client_error",
                            1 + random.nextInt(1000));
                }
                List<Callable<Path>> runs = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    Path file = next();
                    runs.add(() -> {
                        job.send(REQUESTS, ALL, file);
                        return file;
                    });
                }
                for (var run : pool.invokeAll(runs)) {
                    sent.add(run.get());
                }
            }
        } finally {
            pool.shutdownNow();
        }
        Map<String, BigInteger> sums = new TreeMap<>();
        Set<String> identifiers = new HashSet<>();
        for (Path file : sent) {
            for (JsonNode event : read(file)) {
                assertThat(identifiers.add(event.get("identifier").textValue()))
                        .as("seed " + seed)
                        .isTrue();
                sums.merge(
                        event.get("payload").get("stripe_customer_id").textValue() + " " + event.get("timestamp"),
                        new BigInteger(event.get("payload").get("value").textValue()),
                        BigInteger::add);
            }
        }
        Map<String, BigInteger> billable = new TreeMap<>();
        database.jdbi()
                .useHandle(handle -> handle.createQuery(
                                "select 'cus_' || key_id || ' ' || extract(epoch from hour)::bigint as name, sum(requests) as requests"
                                        + " from usage_hourly group by 1")
                        .map((row, context) -> Map.entry(
                                row.getString("name"),
                                row.getBigDecimal("requests").toBigInteger()))
                        .forEach(entry -> billable.put(entry.getKey(), entry.getValue())));
        assertThat(sums).as("seed " + seed).isEqualTo(billable);
    }
}
