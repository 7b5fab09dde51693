package io.counterfoil.accesslog.log;

import io.counterfoil.accesslog.record.RecordFormat;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Where a stream's files lie: {@code streams/<epoch>/<stream>/control} and {@code segment-<k>.csv}, which are used in turn. */
final class StreamFiles {
    private static final int MAX_HEADER_BYTES = 256;

    private final Path folder;

    StreamFiles(Path dataFolder, StreamId stream) {
        folder = dataFolder
                .resolve("streams")
                .resolve(stream.epoch().toString())
                .resolve(Integer.toString(stream.stream()));
    }

    Path folder() {
        return folder;
    }

    Path control() {
        return folder.resolve("control");
    }

    Path segment(int k) {
        return folder.resolve("segment-" + k + ".csv");
    }

    /**
     * The files that hold a segment of this stream, by its number. A file that was zeroed for its next use holds none, nor does one
     * whose line 1 the disk does not give.
     */
    SortedMap<Long, Path> segments(StreamId stream) throws IOException {
        SortedMap<Long, Path> found = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "segment-*.csv")) {
            for (Path file : files) {
                Optional<SegmentId> id = header(file);
                if (id.isPresent() && id.get().stream().equals(stream)) {
                    found.put(id.get().number(), file);
                }
            }
        } catch (NoSuchFileException e) {
            return found;
        }
        return found;
    }

    /** Whether any stream of the epoch with that folder has a segment there. */
    static boolean holdSegments(Path epochFolder) throws IOException {
        try (Stream<Path> files = Files.walk(epochFolder)) {
            return files.anyMatch(file -> String.valueOf(file.getFileName()).startsWith("segment-")
                    && header(file).isPresent());
        }
    }

    private static Optional<SegmentId> header(Path file) {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(MAX_HEADER_BYTES);
        } catch (IOException e) {
            return Optional.empty();
        }
        String text = new String(head, StandardCharsets.US_ASCII);
        int end = text.indexOf('\n');
        try {
            return end < 0 ? Optional.empty() : Optional.of(RecordFormat.parseHeader(text.substring(0, end)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
