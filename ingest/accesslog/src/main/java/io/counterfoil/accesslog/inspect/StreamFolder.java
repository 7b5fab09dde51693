package io.counterfoil.accesslog.inspect;

import io.counterfoil.accesslog.segment.CorruptSegmentException;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** An edge's folder {@code streams/<epoch>/<stream>}, read while the edge may write to it. */
final class StreamFolder {
    private final Path folder;

    StreamFolder(Path folder) {
        this.folder = folder;
    }

    /** Of each stream in an edge's data folder. */
    static List<StreamFolder> in(Path dataFolder) throws IOException {
        List<StreamFolder> found = new ArrayList<>();
        for (Path epoch : children(dataFolder.resolve("streams"), "*")) {
            for (Path stream : children(epoch, "*")) {
                if (Files.isDirectory(stream)) {
                    found.add(new StreamFolder(stream));
                }
            }
        }
        return found;
    }

    /** What is not sealed, by number: usually one segment, the active one. Files that wait for their next use are none. */
    List<InspectedSegment> segments() throws IOException {
        List<InspectedSegment> found = new ArrayList<>();
        for (Path file : children(folder, "segment-*.csv")) {
            try {
                found.add(SegmentLookup.active(file));
            } catch (NoSuchFileException | IllegalArgumentException | CorruptSegmentException e) {
                // Zeroed for its next use, or being so, or gone meanwhile; a damaged one is told by who verifies it.
            }
        }
        found.sort(Comparator.comparing(InspectedSegment::id));
        return found;
    }

    private static List<Path> children(Path folder, String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
                entries.forEach(found::add);
            }
        }
        found.sort(Comparator.naturalOrder());
        return found;
    }
}
