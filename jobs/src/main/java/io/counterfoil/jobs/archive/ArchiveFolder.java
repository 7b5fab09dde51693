package io.counterfoil.jobs.archive;

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
 * Where the archive lies, on any file system that Hadoop knows: {@code hour=2026-10-31T13/<archive>-<n>.parquet}. What is being
 * written lies below {@code _pending/<archive>}, which readers of Parquet pass over. Travels to executors.
 */
final class ArchiveFolder implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final String PENDING = "_pending";
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
            check(there, file);
            return;
        }
        Path pending = folder.path(file.pendingPath());
        check(pending, file);
        if (!files.getScheme().equals(OBJECTS)) {
            files.mkdirs(there.getParent());
        }
        if (!files.rename(pending, there)) {
            throw new IOException("cannot move " + pending + " to " + there);
        }
    }

    private void check(Path path, ArchivedFile file) throws IOException {
        long bytes = folder.files().getFileStatus(path).getLen();
        if (bytes != file.bytes()) {
            throw OperatorException.corrupt("archive file " + path + " has " + bytes + " bytes, " + file.bytes()
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
