package io.counterfoil.schedules.home;

import io.counterfoil.sql.OperatorException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder that holds everything Counterfoil keeps on this machine.
 *
 * <p>Folders that {@link #create} makes are their owner's only (0700). What is there already keeps its permissions.
 *
 * @param folder absolute
 * @param binaries where Postgres is unpacked, absolute; a home shares it with its {@link #demo}
 */
public record Home(Path folder, Path binaries) {
    /** Set by the launcher: the home where neither {@code --home} nor the environment names one. */
    public static final String DEFAULT_PROPERTY = "counterfoil.home.default";

    /** Names the home where {@code --home} does not. */
    public static final String ENVIRONMENT = "COUNTERFOIL_HOME";

    public Home {
        folder = folder.toAbsolutePath().normalize();
        binaries = binaries.toAbsolutePath().normalize();
    }

    /** A home in this folder, with its own binaries. Touches no file. */
    public static Home at(Path folder) {
        return new Home(folder, folder.resolve("postgres-binaries"));
    }

    /**
     * The home that {@code --home} names, else the environment, else the launcher. Touches no file.
     *
     * @throws OperatorException category INPUT where none of them does
     */
    public static Home resolve(Optional<Path> option) {
        return resolve(option, System.getenv(), Optional.ofNullable(System.getProperty(DEFAULT_PROPERTY)));
    }

    static Home resolve(Optional<Path> option, Map<String, String> environment, Optional<String> launcher) {
        return option.or(() -> Optional.ofNullable(environment.get(ENVIRONMENT))
                        .filter(value -> !value.isBlank())
                        .or(() -> launcher)
                        .map(Path::of))
                .map(Home::at)
                .orElseThrow(() -> OperatorException.input(
                        "no home folder is named, expected one folder for all state; pass" + " --home DIR, set "
                                + ENVIRONMENT + ", or start Counterfoil by its launcher ./counterfoil"));
    }

    /** The demo's home inside this one: wiped at every start, never the one that is billed from. */
    public Home demo() {
        return new Home(folder.resolve("demo"), binaries);
    }

    public Path postgres() {
        return folder.resolve("postgres");
    }

    public Path landing() {
        return folder.resolve("landing");
    }

    public Path archive() {
        return folder.resolve("archive");
    }

    /** The edge's data folder. */
    public Path edge() {
        return folder.resolve("edge");
    }

    public Path logs() {
        return folder.resolve("logs");
    }

    /**
     * Creates the folders that are missing.
     *
     * @return this home
     * @throws OperatorException category INPUT where one cannot be created
     */
    public Home create() {
        var ownersOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Stream.of(folder, binaries, postgres(), landing(), archive(), edge(), logs())
                .forEach(each -> {
                    try {
                        Files.createDirectories(each, ownersOnly);
                    } catch (IOException e) {
                        throw OperatorException.input("home folder " + each + " cannot be created: " + e
                                + "; expected a folder you may write to; pass another with --home DIR or "
                                + ENVIRONMENT);
                    }
                });
        return this;
    }

    /**
     * Empties this {@link #demo}'s home: waits for its Postgres to stop and deletes everything but the lock files.
     *
     * @throws IllegalStateException where this is no demo's home, or this process has its database open
     * @throws OperatorException category INPUT where another command uses this home's database
     * @throws OperatorException category DOWN where its Postgres does not stop, or a file cannot be deleted
     */
    public void wipe() {
        if (binaries.startsWith(folder)) {
            throw new IllegalStateException("only a demo's home is wiped, and " + folder + " is none");
        }
        create();
        SharedPostgres.whileUnused(this, () -> HomeWipe.wipe(this));
    }
}
