package io.counterfoil.schedules.home;

import io.counterfoil.sql.OperatorException;
import io.zonky.test.db.postgres.util.ArchUtils;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.io.FileUtils;
import org.tukaani.xz.XZInputStream;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.jar.JarEntry;

/**
 * The Postgres that the zonky binaries bring, unpacked once per version.
 *
 * <p>We unpack and start it ourselves: zonky's own runner is made for tests. It switches fsync off, trusts every local user, keeps a
 * file that a kill cut short as if it were whole, and takes a half-made data folder for a database.
 */
final class PostgresBinaries {
    private PostgresBinaries() {}

    /**
     * The folder with {@code bin/postgres}, unpacked first where this version is not there yet. Several processes may ask at once.
     */
    @SuppressWarnings("try") // a lock is held, not used
    static Path unpacked(Path binaries, Consumer<String> progress) throws IOException {
        URL archive = archive();
        Path folder = binaries.resolve(version(archive));
        if (Files.isDirectory(folder)) {
            return folder;
        }
        try (ProcessLock alone = ProcessLock.exclusive(binaries.resolve("unpack.lock"))) {
            if (!Files.isDirectory(folder)) {
                progress.accept("unpacking PostgreSQL (once)");
                Path temporary = binaries.resolve("unpacking.tmp");
                FileUtils.deleteDirectory(temporary.toFile());
                try (InputStream packed = archive.openStream()) {
                    unpack(packed, temporary);
                }
                Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return folder;
    }

    private static URL archive() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
        String machine = ArchUtils.normalize(System.getProperty("os.arch"));
        String name = "/postgres-" + system + "-" + machine + ".txz";
        return Optional.ofNullable(PostgresBinaries.class.getResource(name))
                .orElseThrow(() -> OperatorException.down(
                        "no embedded PostgreSQL for this machine: " + name
                                + " is not packaged, expected x86_64 or arm_64 on Linux or macOS; pass a server of your own with"
                                + " --database or COUNTERFOIL_DATABASE_URL",
                        null));
    }

    /** Another archive, another name. Its checksum stands in the jar's directory, so that nobody hashes 15 MB at every start. */
    private static String version(URL archive) throws IOException {
        if (!(archive.openConnection() instanceof JarURLConnection connection)) {
            throw new IOException("cannot read the checksum of " + archive + ", expected it in a jar");
        }
        JarEntry entry = connection.getJarEntry();
        return String.format(Locale.ROOT, "postgres-%08x-%d", entry.getCrc(), entry.getSize());
    }

    private static void unpack(InputStream packed, Path folder) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(packed))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder)) {
                    throw new IOException("the archive names " + entry.getName() + ", outside its folder");
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                    continue;
                }
                Files.createDirectories(target.resolveSibling("."));
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(tar, target);
                    finish(target, (entry.getMode() & 0100) != 0);
                }
            }
        }
    }

    /** Synced, because the rename that follows must not outlive power loss without the bytes. */
    private static void finish(Path file, boolean executable) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(false);
        }
        if (executable && !file.toFile().setExecutable(true)) {
            throw new IOException("cannot make " + file + " executable");
        }
    }
}
