package io.counterfoil.schedules.home;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What lies in a home's {@code postgres} folder.
 *
 * <pre>
 * data/        the database; appears by a rename, so it is whole or not there
 * password     the superuser's, random, made once (0600)
 * url          while a server runs: its JDBC URL, then its keeper's process id (0600)
 * start.lock   exclusive: the command that looks for a server or starts one
 * users.lock   shared: every command that uses the database; exclusive: the keeper that found no user and stops
 * keeper.lock  exclusive: the keeper, for life
 * </pre>
 */
record PostgresFiles(Path folder, Path log) {
    private static final int PASSWORD_BYTES = 32;

    /** A server that a keeper has announced. */
    record Announcement(String jdbcUrl, long keeperPid) {}

    static PostgresFiles of(Home home) {
        return new PostgresFiles(home.postgres(), home.logs().resolve("postgres.log"));
    }

    Path data() {
        return folder.resolve("data");
    }

    Path passwordFile() {
        return folder.resolve("password");
    }

    Path urlFile() {
        return folder.resolve("url");
    }

    Path startLock() {
        return folder.resolve("start.lock");
    }

    Path usersLock() {
        return folder.resolve("users.lock");
    }

    Path keeperLock() {
        return folder.resolve("keeper.lock");
    }

    /** The password of this home's server, made on the first call. */
    String password() throws IOException {
        if (!Files.exists(passwordFile())) {
            byte[] random = new byte[PASSWORD_BYTES];
            new SecureRandom().nextBytes(random);
            put(passwordFile(), HexFormat.of().formatHex(random) + "\n");
        }
        return Files.readString(passwordFile(), StandardCharsets.UTF_8).strip();
    }

    void announce(Announcement announcement) throws IOException {
        put(urlFile(), announcement.jdbcUrl() + "\n" + announcement.keeperPid() + "\n");
    }

    /** The last announcement whose keeper's process runs; one killed leaves its own behind. */
    Optional<Announcement> announced() throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(urlFile(), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        return Optional.of(new Announcement(lines.get(0), Long.parseLong(lines.get(1))))
                .filter(found -> ProcessHandle.of(found.keeperPid()).isPresent());
    }

    /** Whether a keeper lives. To be asked only while no keeper is being started, since asking takes its lock for a moment. */
    boolean keeperRuns() throws IOException {
        Optional<ProcessLock> free = ProcessLock.tryExclusive(keeperLock());
        if (free.isPresent()) {
            free.get().close();
        }
        return free.isEmpty();
    }

    private static void put(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.deleteIfExists(temporary);
        Files.createFile(temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(temporary, text, StandardCharsets.UTF_8);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
