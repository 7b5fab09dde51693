package io.counterfoil.jobs.archive;

import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.archive.ArchiveStore.ArchivedFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the archive lies, on any file system that Hadoop knows: {@code hour=2026-10-31T13/<archive>-<n>.parquet}. What is being
 * written lies below {@code _pending/<archive>}, which readers of Parquet pass over.
 */
final class ArchiveFolder {
    private static final String PENDING = "_pending";

    private final FileSystem files;
    private final Path root;

    private ArchiveFolder(FileSystem files, Path root) {
        this.files = files;
        this.root = root;
    }

    /** @throws OperatorException category INPUT where the address is none, DOWN where it cannot be reached */
    static ArchiveFolder open(String address, Configuration settings) {
        try {
            Path path = new Path(address.startsWith("s3://") ? "s3a" + address.substring(2) : address);
            FileSystem files = path.getFileSystem(settings);
            return new ArchiveFolder(files, files.makeQualified(path));
        } catch (IllegalArgumentException e) {
            throw OperatorException.input("archive is '" + address
                    + "', expected a folder or a URI that Hadoop knows, as hdfs://host/archive: " + e.getMessage());
        } catch (IOException e) {
            throw OperatorException.down("archive " + address + " cannot be reached: " + e.getMessage(), e);
        }
    }

    /** The folder of an hour's files below the root; of no hour: of records whose times nobody counts in. */
    static String hour(Optional<Instant> hour) {
        return "hour="
                + hour.map(each -> each.toString().substring(0, "2026-10-31T13".length()))
                        .orElse("unknown");
    }

    String pending(long archive) {
        return new Path(root, PENDING + "/" + archive).toString();
    }

    String absolute(String path) {
        return new Path(root, path).toString();
    }

    /** The Parquet files below a pending archive, as paths below the root. */
    List<String> pendingFiles(long archive) throws IOException {
        List<String> found = new ArrayList<>();
        RemoteIterator<LocatedFileStatus> all;
        try {
            all = files.listFiles(new Path(pending(archive)), true);
        } catch (FileNotFoundException e) {
            return found;
        }
        while (all.hasNext()) {
            Path file = all.next().getPath();
            if (file.getName().endsWith(".parquet")) {
                found.add(root.toUri().relativize(file.toUri()).getPath());
            }
        }
        return found;
    }

    long bytes(String path) throws IOException {
        return files.getFileStatus(new Path(root, path)).getLen();
    }

    /** Moves a committed file to where readers look; does nothing where it is there. */
    void publish(ArchivedFile file) throws IOException {
        Path there = new Path(root, file.path());
        if (files.exists(there)) {
            check(there, file);
            return;
        }
        Path pending = new Path(root, file.pendingPath());
        check(pending, file);
        files.mkdirs(there.getParent());
        if (!files.rename(pending, there)) {
            throw new IOException("cannot move " + pending + " to " + there);
        }
    }

    private void check(Path path, ArchivedFile file) throws IOException {
        long bytes = files.getFileStatus(path).getLen();
        if (bytes != file.bytes()) {
            throw OperatorException.corrupt("archive file " + path + " has " + bytes + " bytes, " + file.bytes()
                    + " were written and verified; put it back from a backup");
        }
    }

    /** Numbers of the archives of which something is pending. */
    List<Long> pendingArchives() throws IOException {
        List<Long> found = new ArrayList<>();
        try {
            for (FileStatus entry : files.listStatus(new Path(root, PENDING))) {
                String name = entry.getPath().getName();
                if (name.matches("\\d{1,18}")) {
                    found.add(Long.valueOf(name));
                }
            }
        } catch (FileNotFoundException e) {
            return List.of();
        }
        return found;
    }

    void deletePending(long archive) throws IOException {
        files.delete(new Path(pending(archive)), true);
    }

    @Override
    public String toString() {
        return root.toString();
    }
}
