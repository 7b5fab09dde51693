package io.counterfoil.accesslog.log;

import com.sun.management.ThreadMXBean;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.LandingAddress;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.RecordEncoder;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What an event loop pays for a record: {@code append} into a mapped file, a clock read included, and its parts. The facts are
 * those of a typical request, another of 1,024 each time, made beforehand as the edge makes them.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
public class AppendBenchmark {
    private static final int FACTS = 1024;
    /** They fit into one segment of 8 MiB. */
    private static final int RECORDS = 50_000;

    private static final int WARM = 1_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final RequestFacts[] facts = new RequestFacts[FACTS];
    private final RecordEncoder encoder = new RecordEncoder();
    private final MicroClock clock = MicroClock.of(Clock.systemUTC());
    private int next;

    @Setup
    public void facts() {
        String[] items = {"books/", "items/", "prices/eu-west/", "articles/how-to-count-requests/"};
        for (int i = 0; i < FACTS; i++) {
            facts[i] = new RequestFacts(
                    1 + i * 7919L % 10_000,
                    i % 4 == 0 ? "search" : "items",
                    i % 16 == 0 ? "POST" : "GET",
                    i % 50 == 0 ? 404 : 200,
                    0,
                    200 + i * 31L % 5000,
                    40 + i * 17L % 900,
                    1,
                    Decision.ADMITTED,
                    i % 8 == 0 ? "req-" + Long.toHexString(i * 0x9e3779b97f4a7c15L) : "",
                    "",
                    "/v1/" + items[i % 4] + i);
        }
        encoder.begin(new SegmentId(new StreamId("edge-1", new Epoch(1_700_000_000, 5), 0), 1));
    }

    private RequestFacts nextFacts() {
        return facts[next++ & (FACTS - 1)];
    }

    /** A log with one stream; each invocation has a segment of its own, and all before it are sealed and shipped. */
    @State(Scope.Thread)
    public static class OpenLog {
        private Path folder;
        private AccessLog log;
        private LogStream stream;
        private long appended;
        private long cpuNanos;
        private long allocatedBytes;

        @Setup
        public void open() throws IOException, FolderInUseException {
            folder = Files.createTempDirectory("append");
            Landing landing =
                    LandingAddress.parse(folder.resolve("landing").toString()).open();
            log = AccessLog.open(
                    AccessLogConfig.of(folder.resolve("data"), "edge-1", 1),
                    landing,
                    MicroClock.of(Clock.systemUTC()),
                    notice -> {});
            stream = log.stream(0);
        }

        @Setup(Level.Invocation)
        public void roll() throws InterruptedException {
            awaitIdle();
            stream.rollIfDue(0);
            awaitIdle();
        }

        private void awaitIdle() throws InterruptedException {
            while (!stream.canRoll()
                    || log.stats().unsealedSegments() > 0
                    || log.stats().waitingSegments() > 0) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }

        void took(long nanos, long bytes) {
            appended += RECORDS;
            if (appended > WARM) {
                cpuNanos += nanos;
                allocatedBytes += bytes;
            }
        }

        @TearDown
        public void close() throws IOException {
            stream.end();
            log.close();
            if (appended > WARM) {
                double records = appended - WARM;
                System.out.printf(
                        "# %d records; after the first %d the appending thread allocated %.4f bytes a record and took %.1f ns of"
                                + " CPU, page faults included%n",
                        appended, WARM, allocatedBytes / records, cpuNanos / records);
            }
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** The whole of it: 50,000 records into a segment that none was in before, its page faults included. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public long append(OpenLog open) {
        LogStream stream = open.stream;
        // What asking costs is asked first, and is not the records'.
        long atFirst = allocated();
        long before = allocated();
        long cpu = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < RECORDS; i++) {
            if (!stream.append(nextFacts())) {
                throw new IllegalStateException("record " + i + " was not taken: what is measured is no append");
            }
        }
        long nanos = THREADS.getCurrentThreadCpuTime() - cpu;
        open.took(nanos, allocated() - before - (before - atFirst));
        return nanos;
    }

    private static long allocated() {
        return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    @Benchmark
    public int encode() {
        return encoder.encode(123_456_789L, 1_700_000_000_000_000L, nextFacts());
    }

    @Benchmark
    public long clock() {
        return clock.micros();
    }
}
