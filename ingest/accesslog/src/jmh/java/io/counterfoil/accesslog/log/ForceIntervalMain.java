package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.landing.LandingAddress;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.RequestFacts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * How long an append takes at worst while the background forces, by interval: 20,000 records a second into one stream that rolls
 * every ten seconds, as for a landing on S3. The intervals take turns, so that a disturbance of the machine meets all of them.
 */
final class ForceIntervalMain {
    private static final long[] INTERVALS_MILLIS = {50, 100, 250, 500, 1000, 3_600_000};
    private static final int PER_SECOND = 20_000;
    private static final int SECONDS = 10;

    private ForceIntervalMain() {}

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3;
        Path parent = arguments.length > 1 ? Path.of(arguments[1]) : Path.of("target");
        run(1000, parent, false);
        System.out.println("force_every_ms,p50_us,p99_us,p99.9_us,max_us,forces,force_mean_ms,force_max_ms");
        for (int round = 0; round < rounds; round++) {
            for (long interval : INTERVALS_MILLIS) {
                run(interval, parent, true);
            }
        }
    }

    private static void run(long intervalMillis, Path parent, boolean print) throws Exception {
        Path folder = Files.createTempDirectory(parent.toAbsolutePath(), "force");
        AccessLogConfig config = AccessLogConfig.of(folder.resolve("data"), "edge-1", 1)
                .withForceEvery(Duration.ofMillis(intervalMillis))
                .withSegmentBytes(32 << 20);
        AccessLog log = AccessLog.open(
                config,
                LandingAddress.parse(folder.resolve("landing").toString()).open(),
                MicroClock.of(Clock.systemUTC()),
                System.err::println);
        long[] nanos = write(log.stream(0));
        log.stream(0).end();
        LogStats stats = log.stats();
        log.close();
        delete(folder);
        Arrays.sort(nanos);
        if (print) {
            System.out.printf(
                    "%d,%.2f,%.2f,%.1f,%.0f,%d,%.1f,%.1f%n",
                    intervalMillis,
                    at(nanos, 0.5),
                    at(nanos, 0.99),
                    at(nanos, 0.999),
                    nanos[nanos.length - 1] / 1e3,
                    stats.forces(),
                    stats.forceNanos() / 1e6 / Math.max(1, stats.forces()),
                    stats.forceMaxNanos() / 1e6);
        }
    }

    private static long[] write(LogStream stream) {
        RequestFacts facts = new RequestFacts(
                7919, "items", "GET", 200, 0, 512, 99, 1, Decision.ADMITTED, "", "", "/v1/items/books/4711");
        long[] nanos = new long[PER_SECOND * SECONDS];
        long start = System.nanoTime();
        for (int i = 0; i < nanos.length; i++) {
            long due = start + TimeUnit.SECONDS.toNanos(1) * i / PER_SECOND;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            long before = System.nanoTime();
            stream.append(facts);
            nanos[i] = System.nanoTime() - before;
            stream.countServed();
        }
        return nanos;
    }

    private static double at(long[] sorted, double quantile) {
        return sorted[(int) (sorted.length * quantile)] / 1e3;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
