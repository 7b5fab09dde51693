package io.counterfoil.edge.http;

import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.edge.testing.LandedLog;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.RawHttp.Response;
import io.counterfoil.edge.testing.RunningEdge;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.edge.testing.Until;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

import static org.assertj.core.api.Assertions.assertThat;

/** A real disk that is really full, under real requests: what clients get, and that every one of them is accounted for. */
class LogFullTest {
    private static final String KEY = "a-key-of-the-test-1234567890";
    private static final int BATCH = 500;
    private static final int MAX_BATCHES = 1_000;

    @TempDir
    Path folder;

    private Path data;
    private boolean mounted;
    private RunningEdge edge;

    @BeforeEach
    void mount() throws Exception {
        data = Files.createDirectory(folder.resolve("small-disk"));
        mounted = run("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", data.toString());
        Assumptions.assumeTrue(mounted, "a tmpfs cannot be mounted here: run as root on Linux to have this tested");
    }

    @AfterEach
    void unmount() throws Exception {
        if (edge != null) {
            edge.close();
        }
        if (mounted) {
            // Lazily: this process still has mappings there, until its garbage collector lets go of them.
            run("umount", "-l", data.toString());
        }
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Answers by status: how many 200 and how many 503. */
    private static final class Counts {
        private long served;
        private long refused;

        private void send(RawHttp http) throws IOException {
            http.send(RawHttp.get("/v1/items/1", "X-API-Key: " + KEY).repeat(BATCH));
            for (int i = 0; i < BATCH; i++) {
                Response response = http.receive();
                if (response.status() == 200) {
                    served++;
                } else {
                    assertThat(response.status()).isEqualTo(503);
                    assertThat(response.header("retry-after")).isEqualTo("5");
                    refused++;
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve-unlogged", "refuse"})
    void accountsForEveryRequestWhileTheDiskIsFullAndGoesOnWhenItIsNot(String policy) throws Exception {
        TestControlPlane control = new TestControlPlane();
        control.createKey("acme-prod", KEY, "refuse");
        Files.createDirectory(folder.resolve("items"));
        Files.writeString(folder.resolve("items/1.json"), "{\"v\":1}");
        // Nothing can be landed, so what is sealed stays on the small disk.
        Path inTheWay = Files.writeString(folder.resolve("landing"), "the landing is away");
        Files.writeString(folder.resolve("edge.yaml"), """
                edge: edge-1
                listen: 127.0.0.1:0
                event_loops: 1
                data: small-disk/edge
                drain: 1s
                log: {when_full: %s}
                routes:
                  - {name: items, path: '/v1/items/{id}', dataset: items}
                """.formatted(policy));
        edge = new RunningEdge(folder, control.jdbcUrl(), Clock.systemUTC());
        Counts counts = new Counts();
        try (RawHttp http = new RawHttp(edge.address())) {
            counts.send(http);
            Path filler = data.resolve("filler");
            fill(filler);
            for (int i = 0; i < MAX_BATCHES && edge.unlogged() < 5_000; i++) {
                counts.send(http);
            }
            assertThat(edge.unlogged()).as("went unlogged").isGreaterThanOrEqualTo(5_000);
            assertThat(counts.refused > 0).isEqualTo(policy.equals("refuse"));

            Files.delete(filler);
            Files.delete(inTheWay);
            Until.isTrue("requests are logged again", () -> {
                long unlogged = edge.unlogged();
                counts.send(http);
                return edge.unlogged() == unlogged;
            });
        }
        assertThat(edge.lines())
                .anyMatch(line -> line.contains("no segment can be prepared"))
                .anyMatch(line -> line.contains("segments can be prepared again"));
        LandedLog log = edge.drain();
        assertThat(log.unequal()).isEmpty();
        long unlogged = log.seals().stream()
                .map(Seal::unlogged)
                .mapToLong(reasons -> reasons.total())
                .sum();
        assertThat(log.records().size() + unlogged).isEqualTo(counts.served + counts.refused);
        assertThat(log.seals().stream().mapToLong(Seal::served).sum()).isEqualTo(counts.served + counts.refused);
        if (policy.equals("refuse")) {
            // Nothing was given away: what is not in the log was not answered with a document.
            assertThat(log.records().stream()
                            .filter(record -> record.facts().status() == 200)
                            .count())
                    .isEqualTo(counts.served);
        }
    }

    private static void fill(Path file) throws IOException {
        byte[] some = new byte[64 << 10];
        try (var out = Files.newOutputStream(file)) {
            while (true) {
                out.write(some);
            }
        } catch (IOException e) {
            // Full, as it should be.
            assertThat(e).hasMessageContaining("No space left");
        }
    }
}
