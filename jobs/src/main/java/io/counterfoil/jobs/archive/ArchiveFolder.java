package io.counterfoil.jobs.archive;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.jobs.landing.HadoopFolder;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.archive.ArchiveStore.ArchivedFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the archive lies, on any file system that Hadoop knows: {@code hour=2026-10-31T13/<archive>-<random>-<n>.parquet}. What is being
 * written lies below {@code _pending/<archive>}, which readers of Parquet pass over. Travels to executors.
 */
final class ArchiveFolder implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final String PENDING = "_pending";
    private static final String BOUND = "_database";
    private static final String LOCAL = "file";
    /** Has no folders: a name is all that a move needs. */
    private static final String OBJECTS = "s3a";

    private final HadoopFolder folder;

    private ArchiveFolder(HadoopFolder folder) {
        this.folder = folder;
    }

    /** @throws OperatorException category INPUT where the address is none, DOWN where nobody knows how to reach it */
    static ArchiveFolder open(String address, Configuration settings) {
        HadoopFolder folder = HadoopFolder.of("archive", address, settings);
        try {
            folder.files();
        } catch (IOException e) {
            throw OperatorException.down("archive " + folder + " cannot be reached: " + e.getMessage(), e);
        }
        return new ArchiveFolder(folder);
    }

    /** The folder of an hour's files below the root; of no hour: of records whose times nobody counts in. */
    static String hour(Optional<Instant> hour) {
        return "hour="
                + hour.map(each -> each.toString().substring(0, "2026-10-31T13".length()))
                        .orElse("unknown");
    }

    /** Below the root. */
    static String pending(long archive) {
        return PENDING + "/" + archive;
    }

    /** As Spark and Parquet open a path below the root. */
    String absolute(String path) {
        return folder.path(path).toString();
    }

    Configuration settings() {
        return folder.settings();
    }

    long bytes(String path) throws IOException {
        return folder.files().getFileStatus(folder.path(path)).getLen();
    }

    /** Moves a committed file to where readers look; does nothing where it is there. */
    void publish(ArchivedFile file) throws IOException {
        FileSystem files = folder.files();
        Path there = folder.path(file.path());
        if (files.exists(there)) {
            check(file.path(), file.bytes());
            return;
        }
        Path pending = folder.path(file.pendingPath());
        check(file.pendingPath(), file.bytes());
        if (!files.getScheme().equals(OBJECTS)) {
            files.mkdirs(there.getParent());
        }
        if (!files.rename(pending, there)) {
            throw new IOException("cannot move " + pending + " to " + there);
        }
        if (files.getScheme().equals(LOCAL)) {
            DurableFiles.syncFolder(local(there).getParent());
        }
    }

    /** Makes a file's content outlast power loss, where the file system does not by itself. */
    void sync(String path) throws IOException {
        Path file = folder.files().makeQualified(folder.path(path));
        if (LOCAL.equals(file.toUri().getScheme())) {
            DurableFiles.sync(local(file));
        }
    }

    private java.nio.file.Path local(Path path) throws IOException {
        return java.nio.file.Path.of(folder.files().makeQualified(path).toUri().getPath());
    }

    /** As a landing is bound: names and numbers here are one database's. Readers of Parquet pass over the file. */
    String bind(String database) throws IOException {
        return folder.readOrCreate(BOUND, database);
    }

    /** @throws OperatorException category CORRUPT where the file is not there or is not as long as it was */
    void check(String path, long bytes) throws IOException {
        long found;
        try {
            found = bytes(path);
        } catch (FileNotFoundException e) {
            throw OperatorException.corrupt("archive file " + absolute(path) + " is not there, " + bytes
                    + " bytes were written and verified; put it back from a backup");
        }
        if (found != bytes) {
            throw OperatorException.corrupt("archive file " + absolute(path) + " has " + found + " bytes, " + bytes
                    + " were written and verified; put it back from a backup");
        }
    }

    /** Numbers of the archives of which something is pending. */
    List<Long> pendingArchives() throws IOException {
        List<Long> found = new ArrayList<>();
        try {
            for (FileStatus entry : folder.files().listStatus(folder.path(PENDING))) {
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
        folder.files().delete(folder.path(pending(archive)), true);
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
