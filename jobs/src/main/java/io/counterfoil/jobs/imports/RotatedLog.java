package io.counterfoil.jobs.imports;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A log that a server writes and something rotates: the live file, and beside it what became of it, {@code access.log.1},
 * {@code access.log.2.gz}, {@code access.log-20261031}.
 */
final class RotatedLog {
    private static final String GZIP = ".gz";
    /** As logrotate and its like name them; never what an editor or a person left there. */
    private static final String SUFFIX = "[.-]\\d[\\dT_.:-]*(\\.gz)?";

    private final Path live;
    private final Path folder;
    private final Pattern rotated;

    RotatedLog(Path live) {
        this.live = live.toAbsolutePath();
        this.folder = Objects.requireNonNull(this.live.getParent());
        this.rotated = Pattern.compile(Pattern.quote(name()) + SUFFIX);
    }

    /**
     * A file that is there.
     *
     * @param key which file it is, whatever its name: device and inode
     * @param live whether its name is that which the server writes to
     */
    record LogFile(Path path, Object key, long size, FileTime modified, boolean live) {
        String name() {
            return String.valueOf(path.getFileName());
        }

        /** The key as seals have it. */
        String inode() {
            return key.toString();
        }

        boolean isCompressed() {
            return name().endsWith(GZIP);
        }

        boolean unchangedSince(LogFile other) {
            return size == other.size && modified.equals(other.modified);
        }

        /** Whether it is still this file that has the name. */
        boolean hasItsName() throws IOException {
            try {
                return key.equals(attributes(path).fileKey());
            } catch (NoSuchFileException e) {
                return false;
            }
        }

        /** Whether this is being compressed from a file that is there yet: gzip removes it when it is done. */
        boolean isUnfinishedCopy() {
            String name = name();
            return name.endsWith(GZIP)
                    && Files.exists(path.resolveSibling(name.substring(0, name.length() - GZIP.length())));
        }
    }

    String name() {
        return String.valueOf(live.getFileName());
    }

    Path folder() {
        return folder;
    }

    /** Those that are there, the live one first, then the newest first. */
    List<LogFile> files() throws IOException {
        List<LogFile> files = new ArrayList<>();
        file(live).ifPresent(files::add);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (rotated.matcher(String.valueOf(entry.getFileName())).matches()) {
                    // One that is renamed meanwhile may turn up twice.
                    file(entry)
                            .filter(file -> files.stream().noneMatch(other -> other.key.equals(file.key)))
                            .ifPresent(files::add);
                }
            }
        }
        files.sort(Comparator.comparing(LogFile::live)
                .thenComparing(LogFile::modified)
                .reversed());
        return files;
    }

    private Optional<LogFile> file(Path path) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = attributes(path);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        if (!attributes.isRegularFile()) {
            return Optional.empty();
        }
        return Optional.of(new LogFile(
                path,
                Objects.requireNonNull(attributes.fileKey(), "this file system does not number its files"),
                attributes.size(),
                attributes.lastModifiedTime(),
                path.equals(live)));
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class);
    }
}
