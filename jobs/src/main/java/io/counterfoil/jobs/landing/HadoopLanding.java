package io.counterfoil.jobs.landing;

import io.counterfoil.accesslog.landing.LandingLayout;
import io.counterfoil.accesslog.landing.LandingReader;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.accesslog.record.StreamId;
import io.counterfoil.accesslog.seal.Seal;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** A landing on any file system that Hadoop knows, as HDFS or S3A; edges publish to it by other means. */
final class HadoopLanding implements LandingReader {
    private final FileSystem files;
    private final Path root;

    HadoopLanding(FileSystem files, Path root) {
        this.files = files;
        this.root = root;
    }

    @Override
    public List<StreamId> streams() throws IOException {
        List<StreamId> streams = new ArrayList<>();
        for (Path edge : folders(new Path(root, LandingLayout.SEGMENTS))) {
            for (Path epoch : folders(edge)) {
                for (Path stream : folders(epoch)) {
                    LandingLayout.parseStream(edge.getName(), epoch.getName(), stream.getName())
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
        for (Path folder : folders(new Path(root, LandingLayout.stream(stream)))) {
            LandingLayout.number(folder.getName()).ifPresent(number -> {
                if (number >= firstFolder) {
                    folders.add(number);
                }
            });
        }
        Collections.sort(folders);
        List<Seal> seals = new ArrayList<>();
        for (long folder : folders) {
            for (long number : sealed(new Path(root, LandingLayout.stream(stream) + "/" + folder))) {
                if (number > mark && seals.size() < limit) {
                    seals.add(seal(new SegmentId(stream, number)));
                }
            }
        }
        return seals;
    }

    private List<Long> sealed(Path folder) throws IOException {
        List<Long> numbers = new ArrayList<>();
        for (FileStatus entry : list(folder)) {
            LandingLayout.sealed(entry.getPath().getName()).ifPresent(numbers::add);
        }
        Collections.sort(numbers);
        return numbers;
    }

    @Override
    public Seal seal(SegmentId id) throws IOException {
        Path file = object(id, LandingLayout.SEAL);
        byte[] json = read(file).orElseThrow(() -> new NoSuchFileException(file.toString()));
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
        return read(new Path(root, LandingLayout.repair(id, n)));
    }

    private Path object(SegmentId id, String suffix) {
        return new Path(root, LandingLayout.object(id, suffix));
    }

    private Optional<byte[]> read(Path file) throws IOException {
        try (FSDataInputStream in = files.open(file)) {
            return Optional.of(in.readAllBytes());
        } catch (FileNotFoundException e) {
            return Optional.empty();
        }
    }

    private List<Path> folders(Path folder) throws IOException {
        return list(folder).stream()
                .filter(FileStatus::isDirectory)
                .map(FileStatus::getPath)
                .toList();
    }

    private List<FileStatus> list(Path folder) throws IOException {
        try {
            return List.of(files.listStatus(folder));
        } catch (FileNotFoundException e) {
            return List.of();
        }
    }
}
