package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.testing.Waiting;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SortedMap;

/** Appends until its append is compiled, cuts its active file short, goes on; prints how many records were acknowledged. */
final class MappingFaultMain {
    private static final int WARM = 300_000;
    private static final int AFTER = 3000;

    private MappingFaultMain() {}

    public static void main(String[] arguments) throws Exception {
        LogFixture fixture = new LogFixture(Path.of(arguments[0]));
        AccessLogConfig config = fixture.config("data").withSegmentBytes(8 << 20);
        AccessLog log = fixture.open(config);
        LogStream stream = log.stream(0);
        for (int warm = 0; warm < WARM; warm++) {
            Waiting.until("a segment is ready", stream::ready);
            append(fixture, stream);
        }
        LogFixture.roll(stream);
        append(fixture, stream);
        StreamId id = new StreamId("edge-1", log.epoch(), 0);
        SortedMap<Long, Path> files = new StreamFiles(config.folder(), id).segments(id);
        Path active = files.get(files.lastKey());
        try (FileChannel channel = FileChannel.open(active, StandardOpenOption.WRITE)) {
            channel.truncate(4096);
        }
        int i = 0;
        while (i < AFTER) {
            try {
                for (; i < AFTER; i++) {
                    append(fixture, stream);
                }
            } catch (InternalError e) {
                // Java reports it in the midst of whatever runs by then, as it will in an event loop.
                stream.suspectMapping();
                i++;
            }
        }
        LogFixture.roll(stream);
        append(fixture, stream);
        stream.end();
        log.close();
        System.out.println(log.stats().records());
        System.out.println(log.stats());
        fixture.notices.forEach(System.out::println);
    }

    private static void append(LogFixture fixture, LogStream stream) {
        fixture.micros.addAndGet(10);
        stream.append(LogFixture.FACTS);
        stream.countServed();
    }
}
