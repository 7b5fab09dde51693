package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.testing.Waiting;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Serves until the disk is full and for a second more; prints how many requests were logged and how many not, and waits. */
final class FullDiskMain {
    private FullDiskMain() {}

    static AccessLogConfig config(Path folder) {
        return new LogFixture(folder).config("data").withSegmentBytes(512 << 10);
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        LogFixture fixture = new LogFixture(folder);
        AccessLog log = fixture.open(config(folder));
        LogStream stream = log.stream(0);
        long logged = 0;
        long served = 0;
        long until = Long.MAX_VALUE;
        while (System.nanoTime() < until) {
            logged += fixture.serve(stream, 500);
            served += 500;
            if (until == Long.MAX_VALUE && log.stats().unlogged().disk() > 0) {
                until = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
            }
            if (until == Long.MAX_VALUE) {
                // Not faster than segments are prepared: that the disk refuses is what is wanted here.
                Waiting.until("a segment is ready, or none can be", () -> stream.ready() || refused(fixture));
            }
        }
        System.out.println(logged + " " + (served - logged));
        TimeUnit.MINUTES.sleep(1);
    }

    private static boolean refused(LogFixture fixture) {
        return fixture.notices.stream().anyMatch(line -> line.contains("no segment can be prepared"));
    }
}
