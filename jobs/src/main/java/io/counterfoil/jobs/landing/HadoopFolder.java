package io.counterfoil.jobs.landing;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.sql.OperatorException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A folder on any file system that Hadoop knows, in a form that travels to executors with the settings it takes to get there. A path
 * without a scheme is one of the default file system; {@code s3://} is read and written by S3A. Nothing is asked of it until it is
 * used.
 */
public final class HadoopFolder implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int LOOKS = 50;
    private static final long LOOK_MILLIS = 100;

    private final String address;
    private final SerializableConfiguration settings;

    private HadoopFolder(String address, Configuration settings) {
        this.address = address;
        this.settings = new SerializableConfiguration(settings);
    }

    /**
     * @param what it is, for the error
     * @throws OperatorException category INPUT where the address is none
     */
    public static HadoopFolder of(String what, String address, Configuration settings) {
        String known = address.startsWith("s3://") ? "s3a" + address.substring(2) : address;
        try {
            Path path = new Path(known);
            boolean here = path.toUri().getScheme() == null
                    && "file".equals(FileSystem.getDefaultUri(settings).getScheme());
            // Executors run in other folders.
            String whole = here
                    ? new Path(java.nio.file.Path.of(known).toAbsolutePath().toUri()).toString()
                    : path.toString();
            return new HadoopFolder(whole, settings);
        } catch (IllegalArgumentException e) {
            throw OperatorException.input(what + " is '" + address
                    + "', expected a folder or a URI that Hadoop knows, as hdfs://host/" + what + " or s3a://bucket/"
                    + what + ": " + e.getMessage());
        }
    }

    /** @throws IOException where it cannot be reached, or nobody knows its scheme */
    public FileSystem files() throws IOException {
        return new Path(address).getFileSystem(settings.value());
    }

    /** The folder itself, with its scheme. Errors as for {@link #files}. */
    public Path root() throws IOException {
        return files().makeQualified(new Path(address));
    }

    /** The text of a small file below the folder; empty where it is not there. */
    public Optional<String> read(String below) throws IOException {
        try (FSDataInputStream in = files().open(path(below))) {
            return Optional.of(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        }
    }

    /** Creates a small file below the folder where it is not there; returns what it says then. Of many the first one's word counts. */
    public String readOrCreate(String below, String text) throws IOException {
        Path file = files().makeQualified(path(below));
        if ("file".equals(file.toUri().getScheme())) {
            java.nio.file.Path local = java.nio.file.Path.of(file.toUri().getPath());
            DurableFiles.createFolders(local.getParent());
            DurableFiles.create(local, text.getBytes(StandardCharsets.US_ASCII));
            return java.nio.file.Files.readString(local, StandardCharsets.US_ASCII);
        }
        Optional<String> there = read(below);
        if (there.isPresent()) {
            return written(below, there.get());
        }
        try (FSDataOutputStream out =
                files().createFile(path(below)).overwrite(false).recursive().build()) {
            out.write(text.getBytes(StandardCharsets.US_ASCII));
        } catch (FileAlreadyExistsException e) {
            // Another job was first, or something is in the way.
            return written(below, read(below).orElseThrow(() -> e));
        }
        return read(below).orElseThrow(() -> new FileNotFoundException(below));
    }

    /** A file that another one is just writing may be there and empty. */
    private String written(String below, String first) throws IOException {
        String text = first;
        for (int look = 0; text.isEmpty() && look < LOOKS; look++) {
            try {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for " + path(below), e);
            }
            text = read(below).orElse("");
        }
        if (text.isEmpty()) {
            throw new IOException(path(below) + " is empty: whoever wrote it died; delete it");
        }
        return text;
    }

    /** A path below the folder, as whoever knows the settings opens it. */
    public Path path(String below) {
        return new Path(new Path(address), below);
    }

    /** For libraries that open files themselves; may hold secrets. */
    public Configuration settings() {
        return settings.value();
    }

    /** The address alone, without what may be secret. */
    @Override
    public String toString() {
        URI uri = new Path(address).toUri();
        return uri.getUserInfo() == null ? address : address.replace(uri.getUserInfo() + "@", "");
    }
}
