package io.counterfoil.schedules.runner;

import io.counterfoil.edge.EdgeTemplate;
import io.counterfoil.jobs.rollup.RollupJob;
import io.counterfoil.jobs.rollup.RollupResult;
import io.counterfoil.jobs.spark.LocalSpark;
import io.counterfoil.schedules.cli.Cli;
import io.counterfoil.schedules.home.Home;
import io.counterfoil.sql.account.AccountStore;
import io.counterfoil.sql.account.KeyStore;
import io.counterfoil.sql.account.PlanStore;
import io.counterfoil.sql.limits.UsageLimit;
import io.counterfoil.sql.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;

/** Promise 1, to the end of the way: what a killed edge answered is counted, and at most what was in flight more. */
final class EdgeKillTest {
    private static final int KILLS = 10;
    private static final int CONNECTIONS = 8;
    private static final String KEY = "a-key-that-a-customer-holds";

    @TempDir
    Path folder;

    private final long seed = System.nanoTime();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong inFlightAtKills = new AtomicLong();

    @Test
    void everyAnsweredRequestIsCountedAndAtMostThoseInFlightMore() throws Exception {
        System.setProperty(EdgeProcess.CLASSPATH_PROPERTY, Cli.edgeClasspath());
        TestDatabase database = TestDatabase.fresh();
        createKey(database);
        Home home = Home.at(folder).create();
        EdgeTemplate.write(folder);
        Random random = new Random(seed);
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        List<String> arguments = new ArrayList<>(SingleMachine.edgeArguments(home, folder.resolve("edge.yaml")));
        arguments.addAll(List.of("--listen", "127.0.0.1:0"));
        for (int kill = 0; kill <= KILLS; kill++) {
            try (EdgeProcess edge = EdgeProcess.start(
                    arguments,
                    Map.of("COUNTERFOIL_EDGE_ADMIN", "off"),
                    SingleMachine.readyFile(home),
                    database.jdbcUrl(),
                    lines::add)) {
                load(edge.awaitReady(), kill < KILLS ? 500 + random.nextInt(5000) : 300, kill < KILLS);
            }
        }
        RollupResult result;
        try (LocalSpark spark = LocalSpark.start(folder.resolve("scratch"))) {
            result = new RollupJob(
                            spark.session(), home.landing().toString(), database.jdbcUrl(), InstantSource.system())
                    .run();
        }
        long counted = database.jdbi()
                .withHandle(
                        handle -> handle.createQuery("select sum(requests)::bigint from usage_hourly where key_id > 0")
                                .mapTo(Long.class)
                                .one());

        System.out.printf(
                "seed %d: %d kills, %d answered, %d counted, %d in flight at the kills%n",
                seed, KILLS, answered.get(), counted, inFlightAtKills.get());
        assertThat(result.quarantined()).as("seed " + seed).isEmpty();
        assertThat(answered.get()).isGreaterThan(10_000);
        assertThat(counted).as("seed " + seed).isBetween(answered.get(), answered.get() + inFlightAtKills.get());
        assertThat(lines).noneMatch(line -> line.contains(KEY));
    }

    /** Loads from several connections; after that time kills the edge, or stops asking. */
    private void load(String address, long millis, boolean kill) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Thread client = new Thread(() -> ask(address, stop));
            client.start();
            clients.add(client);
        }
        TimeUnit.MILLISECONDS.sleep(millis);
        if (kill) {
            ProcessHandle.current()
                    .children()
                    .filter(child -> child.info().commandLine().orElse("").contains("EdgeMain"))
                    .forEach(ProcessHandle::destroyForcibly);
        } else {
            stop.set(true);
        }
        for (Thread client : clients) {
            client.join();
        }
    }

    private void ask(String address, AtomicBoolean stop) {
        int colon = address.lastIndexOf(':');
        byte[] request = ("GET /v1/items/1 HTTP/1.1\r\nHost: x\r\nX-API-Key: " + KEY + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        boolean asked = false;
        try (Socket socket = new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))) {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            while (!stop.get()) {
                asked = true;
                socket.getOutputStream().write(request);
                readAnswer(in);
                asked = false;
                answered.incrementAndGet();
            }
        } catch (IOException e) {
            if (asked) {
                inFlightAtKills.incrementAndGet();
            }
        }
    }

    /** Reads head and body to the last byte; a shorter answer is none. */
    private static void readAnswer(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("closed within the head");
            }
            head.append((char) b);
        }
        String length = head.toString()
                .lines()
                .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:"))
                .findFirst()
                .orElseThrow(() -> new IOException("no length"));
        int bytes = Integer.parseInt(length.substring(length.indexOf(':') + 1).strip());
        if (in.readNBytes(bytes).length != bytes) {
            throw new IOException("closed within the body");
        }
    }

    private static void createKey(TestDatabase database) {
        Instant now = Instant.now();
        long account = new AccountStore(database.jdbi()).create("Acme", Optional.empty(), now);
        long plan = new PlanStore(database.jdbi())
                .create("large", List.of(UsageLimit.parse("1000000000/hour", "refuse")), now);
        new KeyStore(database.jdbi())
                .create(
                        List.of(new KeyStore.NewKey(
                                account, Optional.of(plan), "acme", Optional.of(KeyStore.hash(KEY)), "test")),
                        now);
    }
}
