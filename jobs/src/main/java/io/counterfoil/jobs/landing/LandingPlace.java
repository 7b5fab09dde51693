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
        return local(root) ? onDisk(root).bind(database) : new HadoopLanding(folder.files(), root).bind(database);
    }

    /**
     * Deletes a segment's data, its other copies and rejects, and its seal last; nothing where they are gone. For retention only, of
     * what the ledger says may go.
     */
    public void delete(SegmentId id, boolean keepSeal) throws IOException {
        FileSystem files = folder.files();
        Path root = folder.root();
        files.delete(new Path(root, LandingLayout.object(id, LandingLayout.DATA)), false);
        files.delete(new Path(root, LandingLayout.object(id, LandingLayout.REJECTS)), false);
        for (int n = 1; files.delete(new Path(root, LandingLayout.repair(id, n)), false); n++) {}
        if (!keepSeal) {
            files.delete(new Path(root, LandingLayout.object(id, LandingLayout.SEAL)), false);
        }
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
