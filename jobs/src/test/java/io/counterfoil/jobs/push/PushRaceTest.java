package io.counterfoil.jobs.push;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.limits.UsageLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Several who push to one target. */
final class PushRaceTest {
    private static final KvClient.Patience PATIENT =
            new KvClient.Patience(5, Duration.ofMillis(20), Duration.ofSeconds(5), Duration.ofSeconds(20));

    @TempDir
    Path folder;

    private final FlaggedKeys keys = new FlaggedKeys(Instant.parse("2026-11-26T07:30:00Z"));
    private final long plan = keys.plan("small", UsageLimit.parse("100/hour", "refuse"));
    private final long account = keys.account("Acme");

    private static long version(String document) throws Exception {
        return new ObjectMapper().readTree(document).get("version").asLong();
    }

    private static JsonNode flags(String document) throws Exception {
        return new ObjectMapper().readTree(document).get("flags");
    }

    private PushFlagsJob job(KvApi api) {
        return new PushFlagsJob(
                PushSettings.kv(api.settings(), 1, Optional.empty(), PATIENT, keys), keys.url(), keys, false);
    }

    @Test
    void versionsInAFileNeverGoBackWhoeverPushes() throws Exception {
        Path file = folder.resolve("flags.json");
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<Integer>> pushers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                pushers.add(threads.submit(() -> {
                    int written = 0;
                    try (PushFlagsJob job = new PushFlagsJob(PushSettings.file(file, 1), keys.url(), keys, false)) {
                        while (!done.get()) {
                            written += job.run().written().size();
                        }
                        return written + job.run().written().size();
                    }
                }));
            }
            Callable<List<Long>> read = () -> {
                List<Long> versions = new ArrayList<>();
                while (!done.get()) {
                    if (Files.exists(file)) {
                        versions.add(version(Files.readString(file)));
                    }
                }
                return versions;
            };
            Future<List<Long>> reader = threads.submit(read);
            for (int i = 0; i < 60; i++) {
                keys.use(keys.key(account, plan, "key " + i), 100);
            }
            done.set(true);
            assertThat(reader.get(30, TimeUnit.SECONDS)).isSorted();
            int written = 0;
            for (Future<Integer> pusher : pushers) {
                written += pusher.get(30, TimeUnit.SECONDS);
            }
            assertThat(written).as("each change by one of them").isBetween(2, 61);
        } finally {
            threads.shutdownNow();
        }
        assertThat(version(Files.readString(file))).isEqualTo(keys.version());
        assertThat(flags(Files.readString(file))).hasSize(60);
    }

    @Test
    void whoWaitsForAnotherPushesWhatIsNewByThen() throws Exception {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        keys.use(keys.key(account, plan, "one"), 100);
        ExecutorService threads = Executors.newCachedThreadPool();
        try (KvApi api = KvApi.start(keys);
                PushFlagsJob first = job(api);
                PushFlagsJob second = job(api)) {
            api.fail(exchange -> {
                asked.complete(null);
                goOn.join();
                exchange.sendResponseHeaders(404, -1);
            });
            Future<PushResult> slow = threads.submit(first::run);
            asked.get(30, TimeUnit.SECONDS);
            Future<PushResult> waiting = threads.submit(second::run);
            keys.use(keys.key(account, plan, "two"), 100);
            goOn.complete(null);
            slow.get(30, TimeUnit.SECONDS);
            waiting.get(30, TimeUnit.SECONDS);

            assertThat(api.writes()).hasSize(2);
            assertThat(version(api.writes().get(0).text()))
                    .isLessThan(version(api.writes().get(1).text()));
            assertThat(flags(api.text(PushSettings.DOCUMENT))).hasSize(2);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whoHangsAtATargetIsToldAndStopsNobodyElsewhere() throws Exception {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        keys.use(keys.key(account, plan, "one"), 100);
        ExecutorService threads = Executors.newCachedThreadPool();
        Path here = Files.createDirectory(folder.resolve("here"));
        Path map = here.resolve("flags.map");
        Path hanging = folder.resolve("hanging");
        PushSettings hangs = PushSettings.nginx(
                map, false, Optional.of("touch " + hanging + "; while [ -e " + hanging + " ]; do sleep 0.1; done"));
        PushSettings waits = PushSettings.nginx(map, false, Optional.empty()).withLockWait(Duration.ofSeconds(1));
        Path there = Files.createDirectory(folder.resolve("there")).resolve("flags.map");
        try (KvApi api = KvApi.start(keys);
                PushFlagsJob slow = new PushFlagsJob(hangs, keys.url(), keys, false);
                PushFlagsJob slowKv = job(api);
                PushFlagsJob waiting = new PushFlagsJob(waits, keys.url(), keys, false);
                PushFlagsJob waitingKv = new PushFlagsJob(
                        PushSettings.kv(api.settings(), 1, Optional.empty(), PATIENT, keys)
                                .withLockWait(Duration.ofSeconds(1)),
                        keys.url(),
                        keys,
                        false);
                PushFlagsJob other =
                        new PushFlagsJob(PushSettings.nginx(there, false, Optional.empty()), keys.url(), keys, false)) {
            Future<PushResult> reloading = threads.submit(slow::run);
            api.hold(asked, goOn);
            Future<PushResult> sending = threads.submit(slowKv::run);
            asked.get(30, TimeUnit.SECONDS);
            Until.isTrue("it hangs", () -> Files.exists(hanging));
            assertThat(other.run().written()).hasSize(1);
            assertThatThrownBy(waiting::run)
                    .isInstanceOfSatisfying(
                            OperatorException.class,
                            e -> assertThat(e.exitCode()).isEqualTo(4))
                    .hasMessageContaining(".flags.map.lock is held by process "
                            + ProcessHandle.current().pid() + ", expected");
            assertThatThrownBy(waitingKv::run)
                    .isInstanceOfSatisfying(
                            OperatorException.class,
                            e -> assertThat(e.exitCode()).isEqualTo(4))
                    .hasMessageContaining("is held by database session ");

            Files.delete(hanging);
            goOn.complete(null);
            reloading.get(30, TimeUnit.SECONDS);
            sending.get(30, TimeUnit.SECONDS);
            assertThat(waiting.run().idle()).isTrue();
            assertThat(waitingKv.run().idle()).isTrue();
        } finally {
            threads.shutdownNow();
        }
    }

    /** Its lock goes with its session; what it is about to write is older than what another wrote meanwhile. */
    @Test
    void whoLosesItsLockMendsWhatItLaidOverLaterFlags() throws Exception {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        keys.use(keys.key(account, plan, "one"), 100);
        ExecutorService threads = Executors.newCachedThreadPool();
        try (KvApi api = KvApi.start(keys);
                PushFlagsJob first = job(api);
                PushFlagsJob second = job(api)) {
            api.hold(asked, goOn);
            Future<PushResult> frozen = threads.submit(first::run);
            asked.get(30, TimeUnit.SECONDS);
            keys.jdbi()
                    .useHandle(handle -> handle.execute("select pg_terminate_backend(pid) from pg_locks"
                            + " where locktype = 'advisory' and granted"
                            + " and database = (select oid from pg_database where datname = current_database())"));
            keys.use(keys.key(account, plan, "two"), 100);
            second.run();
            goOn.complete(null);
            frozen.get(30, TimeUnit.SECONDS);

            assertThat(flags(api.text(PushSettings.DOCUMENT)))
                    .as("both, whoever was last")
                    .hasSize(2);
            assertThat(version(api.text(PushSettings.DOCUMENT))).isEqualTo(keys.version());
            assertThat(api.writes()).hasSize(3);
        } finally {
            threads.shutdownNow();
        }
    }
}
