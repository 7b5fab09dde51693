package io.counterfoil.schedules.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

/**
 * A server that writes a combined log, each line's bytes its number, and a logrotate that renames it, or copies and truncates it,
 * and compresses what it rotated before. Its books are the lines that it wrote.
 */
final class RotatingWriter implements Callable<List<String>>, AutoCloseable {
    private final Path log;
    private final int rotations;
    private final Random random;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<String> written = new ArrayList<>();
    private final List<String> done = new ArrayList<>();
    private FileChannel out;

    RotatingWriter(Path log, int rotations, long seed) throws IOException {
        this.log = log;
        this.rotations = rotations;
        this.random = new Random(seed);
        this.out = open();
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(log, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    /** What was done to the log, for a failure's message. */
    List<String> done() {
        return done;
    }

    @Override
    public List<String> call() throws Exception {
        for (int rotation = 0; rotation < rotations; rotation++) {
            int bursts = 1 + random.nextInt(8);
            for (int burst = 0; burst < bursts; burst++) {
                write(random.nextInt(60));
                pause(random.nextInt(300));
            }
            if (random.nextBoolean()) {
                rename();
            } else {
                copyAndTruncate();
            }
        }
        write(10);
        return written;
    }

    private void pause(long millis) throws InterruptedException {
        if (stop.await(millis, TimeUnit.MILLISECONDS)) {
            throw new InterruptedException("the test is over");
        }
    }

    private void write(int lines) throws IOException {
        for (int i = 0; i < lines; i++) {
            String number = Integer.toString(written.size() + 1);
            String line =
                    "192.0.2.1 - bob [01/Oct/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 " + number + " \"-\" \"-\"\n";
            // In two writes at times: a reader must not take the half of it for a line.
            int half = random.nextInt(8) == 0 ? line.length() / 2 : line.length();
            out.write(ByteBuffer.wrap(line.substring(0, half).getBytes(StandardCharsets.US_ASCII)));
            out.write(ByteBuffer.wrap(line.substring(half).getBytes(StandardCharsets.US_ASCII)));
            written.add(number);
        }
    }

    /** The server writes on to the renamed file until it is told. */
    private void rename() throws IOException, InterruptedException {
        shift();
        Files.move(log, rotated(1));
        write(random.nextInt(20));
        pause(random.nextInt(100));
        write(random.nextInt(5));
        out.close();
        out = open();
        done.add("renamed at " + written.size());
    }

    private void copyAndTruncate() throws IOException, InterruptedException {
        shift();
        try (OutputStream copy = Files.newOutputStream(rotated(1))) {
            byte[] all = Files.readAllBytes(log);
            copy.write(all, 0, all.length / 2);
            pause(random.nextInt(100));
            copy.write(all, all.length / 2, all.length - all.length / 2);
        }
        pause(random.nextInt(100));
        out.truncate(0);
        done.add("truncated at " + written.size());
    }

    /** The one before the last is compressed, as logrotate does with {@code delaycompress}. */
    private void shift() throws IOException {
        int last = 1;
        while (Files.exists(rotated(last)) || Files.exists(gzip(rotated(last)))) {
            last++;
        }
        for (int i = last - 1; i > 0; i--) {
            boolean plain = Files.exists(rotated(i));
            Files.move(plain ? rotated(i) : gzip(rotated(i)), plain ? rotated(i + 1) : gzip(rotated(i + 1)));
        }
        if (Files.exists(rotated(2))) {
            try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip(rotated(2))))) {
                Files.copy(rotated(2), out);
            }
            Files.delete(rotated(2));
        }
    }

    private Path rotated(int number) {
        return log.resolveSibling(log.getFileName() + "." + number);
    }

    private static Path gzip(Path file) {
        return file.resolveSibling(file.getFileName() + ".gz");
    }

    @Override
    public void close() throws IOException {
        stop.countDown();
        out.close();
    }
}
