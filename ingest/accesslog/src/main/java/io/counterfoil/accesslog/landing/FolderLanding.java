package io.counterfoil.accesslog.landing;

import io.counterfoil.accesslog.file.Digests;
import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.accesslog.seal.SealJson;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** A landing in a folder, laid out as {@link LandingLayout} says. */
public final class FolderLanding implements Landing {
    private final Path folder;
    private final Path segments;

    public FolderLanding(Path folder) {
        this.folder = folder.toAbsolutePath();
        segments = this.folder.resolve(LandingLayout.SEGMENTS);
    }

    @Override
    public void publish(Seal seal, byte[] data, Optional<byte[]> rejects) throws IOException, LandingConflictException {
        SegmentId id = seal.id();
        DurableFiles.createFolders(folder.resolve(LandingLayout.folder(id.stream(), id.number())));
        create(object(id, LandingLayout.DATA), data, seal.sha256());
        if (rejects.isPresent()) {
            create(
                    object(id, LandingLayout.REJECTS),
                    rejects.get(),
                    seal.source().orElseThrow().rejects().orElseThrow().sha256());
        }
        Path sealFile = object(id, LandingLayout.SEAL);
        byte[] json = SealJson.write(seal);
        if (!DurableFiles.create(sealFile, json) && !Arrays.equals(Files.readAllBytes(sealFile), json)) {
            throw LandingLayout.conflict(sealFile.toString());
        }
    }

    private static void create(Path file, byte[] compressed, String sha256)
            throws IOException, LandingConflictException {
        if (DurableFiles.create(file, compressed)) {
            return;
        }
        // Compared uncompressed: another zstd version may write other bytes for the same content.
        byte[] there = Files.readAllBytes(file);
        try {
            if (Digests.sha256(Zstd.decompress(there)).equals(sha256)) {
                return;
            }
        } catch (IOException e) {
            throw new LandingConflictException(file + " is there and cannot be read as zstd: " + e.getMessage());
        }
        throw LandingLayout.conflict(file.toString());
    }

    @Override
    public void discardUnsealed(SegmentId id) throws IOException {
        if (!Files.exists(object(id, LandingLayout.SEAL))) {
            Files.deleteIfExists(object(id, LandingLayout.DATA));
            Files.deleteIfExists(object(id, LandingLayout.REJECTS));
        }
    }

    @Override
    public String bind(String database) throws IOException {
        DurableFiles.createFolders(folder);
        Path file = folder.resolve(LandingLayout.DATABASE);
        if (!Files.exists(file)) {
            DurableFiles.create(file, database.getBytes(StandardCharsets.US_ASCII));
        }
        return Files.readString(file, StandardCharsets.US_ASCII);
    }

    @Override
    public List<StreamId> streams() throws IOException {
        List<StreamId> streams = new ArrayList<>();
        for (Path edge : folders(segments)) {
            for (Path epoch : folders(edge)) {
                for (Path stream : folders(epoch)) {
                    LandingLayout.parseStream(name(edge), name(epoch), name(stream))
                            .ifPresent(streams::add);
                }
            }
        }
        Collections.sort(streams);
        return streams;
    }

    @Override
    public List<Seal> sealsAfter(StreamId stream, long mark, int limit) throws IOException {
        long firstFolder = (mark + 1) / LandingLayout.NUMBERS_A_FOLDER;
        List<Long> folders = new ArrayList<>();
        for (Path folder : folders(stream(stream))) {
            LandingLayout.number(name(folder)).ifPresent(number -> {
                if (number >= firstFolder) {
                    folders.add(number);
                }
            });
        }
        Collections.sort(folders);
        List<Seal> seals = new ArrayList<>();
        for (long folder : folders) {
            if (seals.size() >= limit) {
                break;
            }
            for (long number : sealed(stream(stream).resolve(Long.toString(folder)))) {
                if (number > mark && seals.size() < limit) {
                    seals.add(seal(new SegmentId(stream, number)));
                }
            }
        }
        return seals;
    }

    private static List<Long> sealed(Path folder) throws IOException {
        List<Long> numbers = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + LandingLayout.SEAL)) {
            for (Path file : files) {
                LandingLayout.sealed(name(file)).ifPresent(numbers::add);
            }
        }
        Collections.sort(numbers);
        return numbers;
    }

    /** The stream's last seal; no other is read. */
    public Optional<Seal> lastSeal(StreamId stream) throws IOException {
        long last = 0;
        for (Path folder : folders(stream(stream))) {
            for (long number : sealed(folder)) {
                last = Math.max(last, number);
            }
        }
        return last == 0 ? Optional.empty() : Optional.of(seal(new SegmentId(stream, last)));
    }

    @Override
    public Seal seal(SegmentId id) throws IOException {
        Path file = object(id, LandingLayout.SEAL);
        byte[] json;
        try {
            json = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("cannot read " + file + ": " + e.getMessage(), e);
        }
        return LandingLayout.seal(file.toString(), id, json);
    }

    @Override
    public Optional<byte[]> data(SegmentId id) throws IOException {
        return read(object(id, LandingLayout.DATA));
    }

    @Override
    public Optional<byte[]> rejects(SegmentId id) throws IOException {
        return read(object(id, LandingLayout.REJECTS));
    }

    @Override
    public Optional<byte[]> repair(SegmentId id, int n) throws IOException {
        return read(folder.resolve(LandingLayout.repair(id, n)));
    }

    @Override
    public boolean createRepair(SegmentId id, int n, byte[] data) throws IOException {
        Path file = folder.resolve(LandingLayout.repair(id, n));
        DurableFiles.createFolders(parentOf(file));
        return DurableFiles.create(file, data);
    }

    private static Optional<byte[]> read(Path file) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** The size of every segment's data that lies here. */
    public List<Long> dataSizes() throws IOException {
        return dataSizes(segments);
    }

    /** The size of every segment's data of one stream. */
    public List<Long> dataSizes(StreamId stream) throws IOException {
        return dataSizes(stream(stream));
    }

    private static List<Long> dataSizes(Path below) throws IOException {
        List<Long> sizes = new ArrayList<>();
        if (Files.isDirectory(below)) {
            try (Stream<Path> files = Files.walk(below)) {
                for (Path file : files.filter(each -> name(each).endsWith(LandingLayout.DATA)
                                && !name(each).endsWith(LandingLayout.REJECTS))
                        .toList()) {
                    sizes.add(Files.size(file));
                }
            }
        }
        return sizes;
    }

    /** For the folder in which an edge keeps its segments until they are landed elsewhere; never for a landing itself. */
    public void deleteData(SegmentId id) throws IOException {
        Files.deleteIfExists(object(id, LandingLayout.REJECTS));
        Files.deleteIfExists(object(id, LandingLayout.DATA));
    }

    /** As {@link #deleteData}, for the seal. */
    public void deleteSeal(SegmentId id) throws IOException {
        Files.deleteIfExists(object(id, LandingLayout.SEAL));
    }

    /** As {@link #deleteData}, for a stream that is shipped to its end: its last seal and its folders. */
    public void deleteStream(StreamId stream) throws IOException {
        Path epoch = parentOf(stream(stream));
        try (Stream<Path> files = Files.walk(stream(stream))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        if (folders(epoch).isEmpty()) {
            Files.delete(epoch);
        }
    }

    private static Path parentOf(Path folder) {
        return Objects.requireNonNull(folder.getParent());
    }

    private Path object(SegmentId id, String suffix) {
        return folder.resolve(LandingLayout.object(id, suffix));
    }

    private Path stream(StreamId stream) {
        return folder.resolve(LandingLayout.stream(stream));
    }

    private static List<Path> folders(Path folder) throws IOException {
        List<Path> folders = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry)) {
                    folders.add(entry);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return folders;
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
