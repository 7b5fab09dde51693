package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.landing.FolderLanding;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Takes batches until it is killed or its input ends: each line of its input is {@code INSTANCE NUMBER RECORDS}; once the batch is on
 * the disk, {@code INSTANCE NUMBER} is printed. What waits for a key is released once the file {@code known} is there.
 */
final class CollectorMain {
    private CollectorMain() {}

    static CollectedLogConfig config(Path folder) {
        return new CollectedLogConfig(
                folder.resolve("collector"), Set.of(Batches.SOURCE), Duration.ofMillis(20), 1L << 30);
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        boolean known = Files.exists(folder.resolve("known"));
        KeyNumbers keys = sha256 -> sha256.equals(Batches.KEY) || known ? Batches.KEY_ID : KeyNumbers.UNKNOWN;
        FolderLanding landing = new FolderLanding(folder.resolve("landing"));
        BufferedReader given = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
        try (CollectedLog log = CollectedLog.open(
                config(folder), landing, keys, Clock.systemUTC(), notice -> System.err.println(notice))) {
            for (String line = given.readLine(); line != null; line = given.readLine()) {
                String[] words = line.split(" ", -1);
                BatchId id = new BatchId(words[0], Long.parseLong(words[1]));
                // One that finds too many waiting is not told of, and comes again.
                last = log.take(Batches.SOURCE, Batches.of(id, Integer.parseInt(words[2])))
                        .thenAccept(taken -> tell(words[0] + " " + words[1]))
                        .exceptionally(busy -> null);
            }
            last.join();
        }
    }

    private static synchronized void tell(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
