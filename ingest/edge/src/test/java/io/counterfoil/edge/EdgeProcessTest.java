package io.counterfoil.edge;

import io.counterfoil.accesslog.record.LogRecord;
import io.counterfoil.edge.testing.EdgeProcess;
import io.counterfoil.edge.testing.LandedLog;
import io.counterfoil.edge.testing.LoadClient;
import io.counterfoil.edge.testing.RawHttp;
import io.counterfoil.edge.testing.TestControlPlane;
import io.counterfoil.edge.testing.Until;
import io.counterfoil.sql.account.ApiKeyText;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/** The edge as a process: killed, told to stop, started wrongly. */
class EdgeProcessTest {
    private static final int KILLS = 10;
    private static final int CLIENTS = 6;

    @TempDir
    Path folder;

    private final String key = ApiKeyText.generate(new SecureRandom()).reveal();
    private final String bearer = "Authorization: Bearer " + key;
    private final TestControlPlane control = new TestControlPlane();

    @BeforeEach
    void createKey() {
        control.createKey("acme-prod", key, "refuse");
        EdgeTemplate.write(folder);
    }

    private EdgeProcess start(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("--listen", "127.0.0.1:0", "--home", folder.toString()));
        all.addAll(List.of(arguments));
        return new EdgeProcess(
                folder, Map.of("COUNTERFOIL_DATABASE_URL", control.jdbcUrl()), all.toArray(String[]::new));
    }

    private List<LoadClient> load(String address, String name, AtomicInteger answers) {
        List<LoadClient> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new LoadClient(address, name + "-" + i, bearer, answers));
        }
        return clients;
    }

    @Test
    void killedAtAnyMomentEveryAnswerIsLoggedOnce() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Set<String> sent = new HashSet<>();
        Set<String> answered = new HashSet<>();
        for (int kill = 0; kill < KILLS; kill++) {
            try (EdgeProcess edge = start()) {
                AtomicInteger answers = new AtomicInteger();
                List<LoadClient> clients = load(edge.address(), "k" + kill, answers);
                int killAt = 1 + random.nextInt(20_000);
                Until.isTrue("answers", () -> answers.get() >= killAt);
                edge.kill();
                for (LoadClient client : clients) {
                    client.join();
                    sent.addAll(client.sent());
                    answered.addAll(client.answered());
                }
            }
        }
        String output;
        try (EdgeProcess edge = start()) {
            edge.address();
            edge.terminate();
            assertThat(edge.exitCode()).isZero();
            output = edge.output();
        }
        LandedLog log = LandedLog.read(folder.resolve("landing"));
        List<String> logged =
                log.records().stream().map(record -> record.facts().requestId()).toList();
        String seedText = "seed " + seed;
        assertThat(logged).as(seedText).doesNotHaveDuplicates();
        assertThat(without(answered, logged))
                .as("answered, not logged; " + seedText)
                .isEmpty();
        assertThat(without(logged, sent)).as("logged, never sent; " + seedText).isEmpty();
        int inFlight = sent.size() - answered.size();
        assertThat(logged.size() - answered.size()).as(seedText).isLessThanOrEqualTo(inFlight);
        assertThat(inFlight).as(seedText).isLessThanOrEqualTo(KILLS * CLIENTS * 8);
        assertThat(log.unequal()).as(seedText).isEmpty();
        assertThat(output).doesNotContain("served ");
        System.out.println("kill -9 × " + KILLS + ", " + seedText + ": " + answered.size() + " answered, "
                + logged.size() + " logged, " + inFlight + " in flight at the kills");
    }

    private static Set<String> without(Collection<String> ids, Collection<String> others) {
        Set<String> rest = new HashSet<>(ids);
        others.forEach(rest::remove);
        return rest;
    }

    @Test
    void toldToStopItFinishesSealsAndShips() throws Exception {
        try (EdgeProcess edge = start();
                RawHttp slow = new RawHttp(edge.address())) {
            AtomicInteger answers = new AtomicInteger();
            List<LoadClient> clients = load(edge.address(), "t", answers);
            slow.send(RawHttp.get(
                    "/v1/items/1", bearer, "Content-Length: 4", "Expect: 100-continue", "X-Request-Id: slow"));
            assertThat(slow.receive().status()).isEqualTo(100);
            Until.isTrue("answers", () -> answers.get() > 1000);
            edge.terminate();
            Until.isTrue("nothing more is accepted", () -> isRefused(edge.address()));
            slow.send("body");
            assertThat(slow.receive().status()).isEqualTo(200);
            assertThat(edge.exitCode()).isZero();

            Set<String> answered = new HashSet<>(Set.of("slow"));
            for (LoadClient client : clients) {
                client.finish();
                answered.addAll(client.answered());
            }
            LandedLog log = LandedLog.read(folder.resolve("landing"));
            List<String> logged = log.records().stream()
                    .map(record -> record.facts().requestId())
                    .toList();
            assertThat(logged).doesNotHaveDuplicates();
            assertThat(without(answered, logged)).isEmpty();
            assertThat(log.unequal()).isEmpty();
            assertThat(log.seals()).allMatch(seal -> seal.recovery().isEmpty());
            int streams = log.seals().get(0).streams();
            assertThat(log.endedStreams()).isEqualTo(streams);
            assertThat(edge.output())
                    .contains("edge edge-1 answers on http://127.0.0.1:")
                    .contains("snapshot version ")
                    .contains("(1 key)")
                    .contains(logged.size() + " records of epoch")
                    .contains("all shipped to");
        }
    }

    private static boolean isRefused(String address) throws IOException {
        try (RawHttp http = new RawHttp(address)) {
            return false;
        } catch (ConnectException e) {
            return true;
        }
    }

    @Test
    void neverWritesAKeyDown() throws Exception {
        String unknown = ApiKeyText.generate(new SecureRandom()).reveal();
        try (EdgeProcess edge = start()) {
            String address = edge.address();
            for (String each : List.of(key, unknown)) {
                String header = "Authorization: Bearer " + each;
                RawHttp.once(address, RawHttp.get("/v1/items/1", header));
                RawHttp.once(address, RawHttp.get("/v1/items/1?key=" + each, "X-API-Key: " + each));
                RawHttp.once(address, RawHttp.get("/v1/items/" + each, header, "X-Request-Id: " + each));
                RawHttp.once(address, RawHttp.get("/" + each, header));
                RawHttp.once(address, "GET /v1/items/1 HTTP/1.1\r\nbroken " + header + "\r\n\r\n");
            }
            for (String secret : List.of(key, unknown)) {
                assertThat(filesHolding(secret)).isEmpty();
            }
            edge.terminate();
            assertThat(edge.exitCode()).isZero();
            LandedLog log = LandedLog.read(folder.resolve("landing"));
            assertThat(log.records()).hasSize(10);
            for (String secret : List.of(key, unknown)) {
                assertThat(filesHolding(secret)).isEmpty();
                assertThat(log.records().stream().map(LogRecord::toString)).noneMatch(text -> text.contains(secret));
            }
        }
    }

    private List<Path> filesHolding(String secret) throws IOException {
        List<Path> holding = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(secret)) {
                    holding.add(file);
                }
            }
        }
        return holding;
    }

    @Test
    void refusesAFolderThatAnotherEdgeHolds() throws Exception {
        try (EdgeProcess first = start()) {
            String address = first.address();
            try (EdgeProcess second = start()) {
                assertThat(second.exitCode()).isEqualTo(2);
                assertThat(second.output())
                        .contains("is in use by another edge")
                        .doesNotContain("\tat ");
            }
            assertThat(RawHttp.once(address, RawHttp.get("/v1/items/1", bearer)).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void startsWithoutTheDatabaseOnlyWhereItIsKnown() throws Exception {
        Map<String, String> down = Map.of(
                "COUNTERFOIL_DATABASE_URL", "jdbc:postgresql://127.0.0.1:1/none?user=u&password=hidden",
                "COUNTERFOIL_CLOCK_OFFSET", "PT2H");
        try (EdgeProcess edge = new EdgeProcess(folder, down, "--listen", "127.0.0.1:0", "--home", folder.toString())) {
            assertThat(edge.exitCode()).isEqualTo(4);
            assertThat(edge.output()).contains("database cannot be reached").doesNotContain("\tat ", "hidden");
            assertThat(folder.resolve("edge")).doesNotExist();
        }
        try (EdgeProcess edge = start()) {
            edge.address();
            edge.terminate();
            assertThat(edge.exitCode()).isZero();
        }
        try (EdgeProcess edge = new EdgeProcess(folder, down, "--listen", "127.0.0.1:0", "--home", folder.toString())) {
            assertThat(RawHttp.once(edge.address(), RawHttp.get("/v1/items/1", bearer))
                            .status())
                    .isEqualTo(200);
            Until.isTrue(
                    "it says so", () -> edge.output().contains("snapshot cannot be refreshed, serving on by version"));
            assertThat(edge.output()).contains("clock is set off by PT2H");
        }
        Files.write(folder.resolve("edge/snapshot.bin"), new byte[100]);
        try (EdgeProcess edge = new EdgeProcess(folder, down, "--listen", "127.0.0.1:0", "--home", folder.toString())) {
            assertThat(edge.exitCode()).isEqualTo(3);
            assertThat(edge.output()).contains("snapshot.bin is corrupt").doesNotContain("\tat ", "hidden");
        }
        try (EdgeProcess edge = start()) {
            assertThat(RawHttp.once(edge.address(), RawHttp.get("/v1/items/1", bearer))
                            .status())
                    .isEqualTo(200);
            assertThat(edge.output()).contains("ALARM snapshot file").contains("was loaded from the database");
        }
        try (EdgeProcess edge = start()) {
            edge.address();
            assertThat(edge.output()).contains("ALARM");
        }
    }

    @Test
    void readsItsSettingsAgainAtAHangUpAndChecksThemWithoutStarting() throws Exception {
        try (EdgeProcess edge = start()) {
            edge.address();
            edge.hangUp();
            Until.isTrue("it has read them", () -> edge.output().contains("edge.yaml read again: 1 routes"));
            assertThat(RawHttp.once(edge.address(), RawHttp.get("/v1/items/1", bearer))
                            .status())
                    .isEqualTo(200);
        }
        try (EdgeProcess edge = start("--check")) {
            assertThat(edge.exitCode()).isZero();
            assertThat(edge.output()).contains("edge.yaml is right: 1 routes");
        }
        Files.writeString(folder.resolve("items/3.json"), "{");
        try (EdgeProcess edge = start("--check")) {
            assertThat(edge.exitCode()).isEqualTo(2);
            assertThat(edge.output()).contains("3.json:1: is no JSON").doesNotContain("\tat ");
        }
    }

    @Test
    void tellsWrongSettingsInOneGo() throws Exception {
        Files.writeString(folder.resolve("edge.yaml"), "edge: Edge One\nlisten: nowhere\nroutes: []\ntypo: 1\n");
        try (EdgeProcess edge = new EdgeProcess(folder, Map.of())) {
            assertThat(edge.exitCode()).isEqualTo(2);
            assertThat(edge.output())
                    .contains("edge.yaml:1: field 'edge' is 'Edge One'")
                    .contains("edge.yaml:2: field 'listen' is 'nowhere', expected HOST:PORT")
                    .contains("edge.yaml:4: field 'typo' is not known")
                    .contains("field 'data' is missing")
                    .doesNotContain("\tat ");
        }
        try (EdgeProcess edge = new EdgeProcess(folder, Map.of(), "--no-such-option")) {
            assertThat(edge.exitCode()).isEqualTo(2);
            assertThat(edge.output()).contains("--no-such-option");
        }
        try (EdgeProcess edge = start("--listen", "127.0.0.1:0")) {
            assertThat(edge.exitCode()).isEqualTo(2);
            assertThat(edge.output()).contains("--listen is given twice; see --help");
        }
    }

    @Test
    void whatFailsOnceItAnswersIsItsExitCodeAndTheLogIsEnded() throws Exception {
        try (EdgeProcess edge = start()) {
            // A folder with something in it is no file that could be replaced.
            Files.createDirectories(folder.resolve("ready/is a folder"));
            assertThat(edge.exitCode()).isEqualTo(2);
            assertThat(edge.output())
                    .contains("--ready-file " + folder.resolve("ready") + " cannot be written: ")
                    .contains("edge edge-1 stopped: 0 records")
                    .doesNotContain("\tat ");
        }
    }
}
