package io.counterfoil.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.export.InvoiceExportStore;
import io.counterfoil.sql.export.ShownInvoice;
import io.counterfoil.sql.export.StripeStore;
import io.counterfoil.sql.export.UsageExportStore;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Whatever exports write one file at once, it ends as one of them wrote it, beside that one's manifest. */
final class ExportLockTest {
    private static final YearMonth OCTOBER = YearMonth.of(2026, 10);
    private static final UsageRange HOURS =
            new UsageRange(Instant.parse("2026-10-01T00:00:00Z"), Instant.parse("2026-11-01T00:00:00Z"));

    @TempDir
    Path folder;

    private final TestDatabase database = TestDatabase.fresh();
    private final InvoiceExportJob invoices = new InvoiceExportJob(new InvoiceExportStore(database.jdbi()), "1");
    private final UsageExportJob usage = new UsageExportJob(new UsageExportStore(database.jdbi()), "1", 1000);
    private final StripeExportJob stripe =
            new StripeExportJob(new StripeStore(database.jdbi()), InstantSource.system(), "1");

    @Test
    void aFileAndItsManifestAreOfOneRunHoweverManyWriteItAtOnce() throws Exception {
        FinalInvoices.insert(database.jdbi(), "Acme");
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path file = folder.resolve("out");
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 15; round++) {
                List<Callable<Boolean>> runs = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    int which = random.nextInt(4);
                    runs.add(() -> wrote(which, file));
                }
                int written = 0;
                for (var run : pool.invokeAll(runs)) {
                    written += run.get() ? 1 : 0;
                }
                assertThat(written).as("seed " + seed).isPositive();
                JsonNode manifest = new ObjectMapper().readTree(Files.readAllBytes(Manifest.beside(file)));
                assertThat(manifest.get("sha256").textValue())
                        .as("seed " + seed + ", round " + round)
                        .isEqualTo(Digests.sha256(Files.readAllBytes(file)));
                assertThat(folder.toFile().list()).containsExactlyInAnyOrder("out", "out.lock", "out.manifest.json");
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private boolean wrote(int which, Path file) {
        try {
            switch (which) {
                case 0 -> invoices.write(InvoiceExportJob.What.INVOICES, OCTOBER, file);
                case 1 -> invoices.write(InvoiceExportJob.What.INVOICE_LINES, OCTOBER, file);
                case 2 -> usage.write(HOURS, ExportFormat.CSV, file, line -> {});
                default -> usage.write(HOURS, ExportFormat.JSONL, file, line -> {});
            }
            return true;
        } catch (OperatorException e) {
            assertThat(e).hasMessageStartingWith("another export writes " + file + " just now");
            return false;
        }
    }

    @Test
    void anotherProcessIsNotWaitedForAndOneThatWasKilledHoldsNothing() throws Exception {
        Path file = folder.resolve("out");
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolderMain.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(said.readLine()).isEqualTo("held");
            for (int which = 0; which < 3; which++) {
                assertThat(wrote(which, file)).isFalse();
            }
            assertThatThrownBy(() -> stripe.send(List.of(new StripeStore.Meter("requests", "calls")), HOURS, file))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageStartingWith("another export writes " + file + " just now");
            FinalInvoices.insert(database.jdbi(), "Acme");
            ShownInvoice first = new InvoiceExportStore(database.jdbi()).find(1).orElseThrow();
            assertThatThrownBy(() -> invoices.page(first, file))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageStartingWith("another export writes " + file + " just now");
        } finally {
            other.destroyForcibly().waitFor();
        }
        assertThat(wrote(2, file)).isTrue();
    }
}
