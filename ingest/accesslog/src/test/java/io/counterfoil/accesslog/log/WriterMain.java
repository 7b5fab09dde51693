package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.landing.FolderLanding;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;

/**
 * Writes a number of logs at once until it is killed: {@code folder/data-i} to {@code folder/landing-i}. After each append it
 * writes an acknowledgement to its standard output: log, epoch number, epoch nonce, seq; 28 bytes.
 */
final class WriterMain {
    private WriterMain() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        if (arguments.length == 2) {
            tryOpen(folder);
            return;
        }
        int logs = Integer.parseInt(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        for (int i = 0; i < logs; i++) {
            int log = i;
            new Thread(() -> write(folder, log, new Random(seed + log))).start();
        }
    }

    private static void tryOpen(Path folder) throws IOException {
        try {
            AccessLog.open(config(folder), new FolderLanding(folder.resolve("landing")), () -> 1, notice -> {});
        } catch (FolderInUseException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    static AccessLogConfig config(Path data) {
        return AccessLogConfig.of(data, "edge-1", 1).withSegmentBytes(16 << 10).withForceEvery(Duration.ofMillis(20));
    }

    private static void write(Path folder, int number, Random random) {
        try (FileOutputStream acknowledgements = new FileOutputStream(FileDescriptor.out)) {
            AccessLog log = AccessLog.open(
                    config(folder.resolve("data-" + number)),
                    new FolderLanding(folder.resolve("landing-" + number)),
                    MicroClock.of(Clock.systemUTC()),
                    notice -> {});
            LogStream stream = log.stream(0);
            ByteBuffer message = ByteBuffer.allocate(28);
            for (long seq = 1; ; ) {
                if (stream.append(LogFixture.FACTS)) {
                    message.clear()
                            .putInt(number)
                            .putLong(log.epoch().number())
                            .putLong(log.epoch().nonce())
                            .putLong(seq++);
                    acknowledgements.write(message.array());
                }
                stream.countServed();
                if (random.nextInt(40) == 0) {
                    stream.rollIfDue(60_000_000);
                }
            }
        } catch (Exception e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }
}
