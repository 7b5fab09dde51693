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
import org.apache.spark.util.SerializableConfiguration;

import java.io.IOException;
import java.io.Serializable;
import java.net.URI;

/**
 * Where a landing lies, in a form that travels to executors: any path that Hadoop knows, with the settings it takes to get there. A
 * path without a scheme is one of the default file system; {@code s3://} is read by S3A.
 */
public final class LandingPlace implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String address;
    private final SerializableConfiguration settings;

    private LandingPlace(String address, Configuration settings) {
        this.address = address;
        this.settings = new SerializableConfiguration(settings);
    }

    /** A landing as the session's settings reach it; nothing is asked of it yet. */
    public static LandingPlace of(String address, SparkSession spark) {
        return of(address, spark.sessionState().newHadoopConf());
    }

    /** @throws OperatorException category INPUT where the address is none */
    public static LandingPlace of(String address, Configuration settings) {
        String known = address.startsWith("s3://") ? "s3a" + address.substring(2) : address;
        try {
            Path path = new Path(known);
            boolean here = path.toUri().getScheme() == null
                    && "file".equals(FileSystem.getDefaultUri(settings).getScheme());
            // Executors run in other folders.
            String whole = here
                    ? new Path(java.nio.file.Path.of(known).toAbsolutePath().toUri()).toString()
                    : path.toString();
            return new LandingPlace(whole, settings);
        } catch (IllegalArgumentException e) {
            throw OperatorException.input("landing is '" + address
                    + "', expected a folder or a URI that Hadoop knows, as hdfs://host/landing or s3a://bucket/landing: "
                    + e.getMessage());
        }
    }

    /** @throws IOException where the file system cannot be reached, or nobody knows its scheme */
    public LandingReader open() throws IOException {
        FileSystem files = fileSystem();
        Path root = files.makeQualified(new Path(address));
        return local(root) ? folder(root) : new HadoopLanding(files, root);
    }

    /** As {@link io.counterfoil.accesslog.landing.Landing#bind}. */
    public String bind(String database) throws IOException {
        FileSystem files = fileSystem();
        Path root = files.makeQualified(new Path(address));
        return local(root) ? folder(root).bind(database) : new HadoopLanding(files, root).bind(database);
    }

    /**
     * Deletes a segment's data, its other copies and rejects, and its seal last; nothing where they are gone. For retention only, of what the ledger
     * says may go.
     */
    public void delete(SegmentId id, boolean keepSeal) throws IOException {
        FileSystem files = fileSystem();
        Path root = files.makeQualified(new Path(address));
        files.delete(new Path(root, LandingLayout.object(id, LandingLayout.DATA)), false);
        files.delete(new Path(root, LandingLayout.object(id, LandingLayout.REJECTS)), false);
        for (int n = 1; files.delete(new Path(root, LandingLayout.repair(id, n)), false); n++) {}
        if (!keepSeal) {
            files.delete(new Path(root, LandingLayout.object(id, LandingLayout.SEAL)), false);
        }
    }

    private FileSystem fileSystem() throws IOException {
        return new Path(address).getFileSystem(settings.value());
    }

    /** Without Hadoop's way through a local disk: its lists ask six things about each file. */
    private static boolean local(Path root) {
        return "file".equals(root.toUri().getScheme());
    }

    private static FolderLanding folder(Path root) {
        return new FolderLanding(java.nio.file.Path.of(root.toUri().getPath()));
    }

    /** The address; settings may hold secrets. */
    @Override
    public String toString() {
        URI uri = new Path(address).toUri();
        return uri.getUserInfo() == null ? address : address.replace(uri.getUserInfo() + "@", "");
    }
}
