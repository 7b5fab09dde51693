package io.counterfoil.jobs.landing;

import io.counterfoil.accesslog.landing.FolderLanding;
import io.counterfoil.accesslog.landing.LandingLayout;
import io.counterfoil.accesslog.landing.LandingReader;
import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.sql.OperatorException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;

/** Where a landing lies, in a form that travels to executors: any path that Hadoop knows. */
public final class LandingPlace implements Serializable {
    private static final long serialVersionUID = 1L;

    private final HadoopFolder folder;

    private LandingPlace(HadoopFolder folder) {
        this.folder = folder;
    }

    /** A landing as the session's settings reach it; nothing is asked of it yet. */
    public static LandingPlace of(String address, SparkSession spark) {
        return of(address, spark.sessionState().newHadoopConf());
    }

    /** @throws OperatorException category INPUT where the address is none */
    public static LandingPlace of(String address, Configuration settings) {
        return new LandingPlace(HadoopFolder.of("landing", address, settings));
    }

    /** @throws IOException where the file system cannot be reached, or nobody knows its scheme */
    public LandingReader open() throws IOException {
        Path root = folder.root();
        return local(root) ? onDisk(root) : new HadoopLanding(folder.files(), root);
    }

    /** As {@link io.counterfoil.accesslog.landing.Landing#bind}. */
    public String bind(String database) throws IOException {
        Path root = folder.root();
        return local(root) ? onDisk(root).bind(database) : folder.readOrCreate(LandingLayout.DATABASE, database);
    }

    /**
     * Deletes a segment's other copies, its data and rejects, and its seal last; nothing where they are gone. For retention only, of
     * what the ledger says may go.
     */
    public void delete(SegmentId id, boolean keepSeal) throws IOException {
        FileSystem files = folder.files();
        Path root = folder.root();
        int copies = 0;
        while (files.exists(new Path(root, LandingLayout.repair(id, copies + 1)))) {
            copies++;
        }
        // From the last on: whoever goes on after a death finds all that is left.
        for (int n = copies; n > 0; n--) {
            delete(files, new Path(root, LandingLayout.repair(id, n)));
        }
        delete(files, new Path(root, LandingLayout.object(id, LandingLayout.DATA)));
        delete(files, new Path(root, LandingLayout.object(id, LandingLayout.REJECTS)));
        if (!keepSeal) {
            delete(files, new Path(root, LandingLayout.object(id, LandingLayout.SEAL)));
        }
    }

    /** Some file systems answer alike to what is not there and to what they may not take away. */
    private static void delete(FileSystem files, Path path) throws IOException {
        if (!files.delete(path, false) && files.exists(path)) {
            throw new IOException(path + " is still there; see that its folder may be written to");
        }
    }

    /** The database that it is bound to; empty where to none. Changes nothing. */
    public Optional<String> bound() throws IOException {
        return folder.read(LandingLayout.DATABASE);
    }

    /** Without Hadoop's way through a local disk: its lists ask six things about each file. */
    private static boolean local(Path root) {
        return "file".equals(root.toUri().getScheme());
    }

    private static FolderLanding onDisk(Path root) {
        return new FolderLanding(java.nio.file.Path.of(root.toUri().getPath()));
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
