package io.counterfoil.accesslog.collected;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.accesslog.record.Epoch;
import io.counterfoil.accesslog.record.StreamId;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a source's log lies before it is sealed, and what it is called:
 *
 * <pre>
 * SOURCE/epoch         the one stream's epoch; as long as the folder lives
 * SOURCE/journal-N     the active segment
 * SOURCE/identities    batches that were taken
 * SOURCE/held          records that wait for their key
 * </pre>
 */
record SourceFolder(Path folder, StreamId stream) {
    /** Makes the folder where it is missing; the number of its epoch is the second of that. */
    static SourceFolder open(Path root, String source, Instant now) throws IOException {
        Path folder = root.resolve(source);
        DurableFiles.createFolders(folder);
        Path file = folder.resolve("epoch");
        if (!Files.exists(file)) {
            Epoch epoch = new Epoch(Math.max(1, now.getEpochSecond()), new SecureRandom().nextLong());
            DurableFiles.create(file, epoch.toString().getBytes(StandardCharsets.US_ASCII));
        }
        try {
            Epoch epoch = Epoch.parse(Files.readString(file, StandardCharsets.US_ASCII));
            return new SourceFolder(folder, new StreamId(source, epoch, 0));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is damaged: " + e.getMessage(), e);
        }
    }

    Path journal(long number) {
        return folder.resolve(Journal.name(number));
    }

    Path identities() {
        return folder.resolve("identities");
    }

    Path held() {
        return folder.resolve("held");
    }

    /** The numbers of the journals that are there, in order. */
    List<Long> journals() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return Journal.numbers(
                    files.map(file -> String.valueOf(file.getFileName())).toList());
        }
    }
}
