package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.Landing;
import io.counterfoil.accesslog.landing.SegmentReader;
import io.counterfoil.accesslog.record.Decision;
import io.counterfoil.accesslog.record.RecordCursor;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.testing.Waiting;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** A folder with data folders and landings in it, a clock that the test moves, and what the operator was told. */
final class LogFixture {
    static final RequestFacts FACTS =
            new RequestFacts(7, "items", "GET", 200, 0, 512, 99, 1, Decision.ADMITTED, "", "", "/v1/items/1");

    final Path folder;
    final AtomicLong micros = new AtomicLong(1_700_000_000_000_000L);
    final Queue<String> notices = new ConcurrentLinkedQueue<>();

    LogFixture(Path folder) {
        this.folder = folder;
    }

    AccessLogConfig config(String data) {
        return AccessLogConfig.of(folder.resolve(data), "edge-1", 1).withSegmentBytes(64 << 10);
    }

    FolderLanding landing() {
        return new FolderLanding(folder.resolve("landing"));
    }

    AccessLog open(AccessLogConfig config) throws IOException, FolderInUseException {
        return open(config, landing(), Disk.REAL);
    }

    AccessLog open(AccessLogConfig config, Landing landing, Disk disk) throws IOException, FolderInUseException {
        return AccessLog.open(config, landing, micros::get, notices::add, disk);
    }

    /** Opens the log once more and ends it: what a next start finds is sealed and shipped. */
    void recover(AccessLogConfig config) throws IOException, FolderInUseException {
        try (AccessLog next = open(config)) {
            for (int i = 0; i < config.streams(); i++) {
                next.stream(i).end();
            }
        }
    }

    void append(LogStream stream, int count) {
        for (int i = 0; i < count; i++) {
            micros.addAndGet(10);
            Waiting.until("a segment is ready", stream::ready);
            if (!stream.append(FACTS)) {
                throw new AssertionError("the log took no record though it was ready");
            }
            stream.countServed();
        }
    }

    /** Appends without waiting; returns how many the log took. */
    int serve(LogStream stream, int count) {
        int logged = 0;
        for (int i = 0; i < count; i++) {
            micros.addAndGet(10);
            if (stream.append(FACTS)) {
                logged++;
            }
            stream.countServed();
        }
        return logged;
    }

    static void roll(LogStream stream) {
        Waiting.until("a segment is ready", stream::canRoll);
        stream.rollIfDue(60_000_000);
    }

    static void awaitSpare(AccessLogConfig config, LogStream stream) {
        Waiting.until("the next segment is there", stream::canRoll);
        Waiting.until("the reserve is there", () -> Files.exists(config.folder().resolve("reserve")));
    }

    List<Seal> seals() throws IOException {
        return seals(landing());
    }

    static List<Seal> seals(Landing landing) throws IOException {
        List<Seal> seals = new ArrayList<>();
        for (StreamId stream : landing.streams()) {
            seals.addAll(landing.sealsAfter(stream, 0, Integer.MAX_VALUE));
        }
        return seals;
    }

    static long records(List<Seal> seals) {
        return seals.stream().mapToLong(seal -> seal.records().count()).sum();
    }

    static List<Long> sequence(Landing landing, List<Seal> seals) throws Exception {
        List<Long> sequence = new ArrayList<>();
        for (Seal seal : seals) {
            RecordCursor cursor = new SegmentReader(landing).read(seal).cursor();
            while (cursor.next()) {
                sequence.add(cursor.seq());
            }
        }
        return sequence;
    }

    static Path file(Path data, String name) throws IOException {
        try (Stream<Path> files = Files.walk(data.resolve("streams"))) {
            return files.filter(file -> String.valueOf(file.getFileName()).equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** As an operator copies a folder that is in use: what goes away meanwhile is not in the copy, nor is the reserve. */
    static Path copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                Files.createDirectories(to.resolve(from.relativize(folder).toString()));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!file.endsWith("reserve")) {
                    Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.REPLACE_EXISTING);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return to;
    }

    /** Up to which record the control page says that a segment was forced. */
    static long forcedSeq(Path control, int segment) {
        try {
            // The second page's slot of a segment, as ControlPage draws it.
            return ByteBuffer.wrap(Files.readAllBytes(control)).getLong(4096 + segment * 64 + 8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
