package io.counterfoil.jobs.imports;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SessionLock;

import javax.sql.DataSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.LongConsumer;

/**
 * Publishes foreign logs as segments. A file goes on from the end of its last published range, which its seals hold: it may be
 * imported again, whole or grown, and killed at any point, and each of its lines becomes one record once.
 */
public final class ImportJob {
    private final Path landingFolder;
    private final DataSource database;
    private final InstantSource clock;
    private final LongConsumer progress;

    /** @param progress told now and then how many lines were read */
    public ImportJob(Path landingFolder, String databaseUrl, InstantSource clock, LongConsumer progress) {
        this.landingFolder = landingFolder;
        this.database = DatabaseAccess.dataSource(databaseUrl);
        this.clock = clock;
        this.progress = progress;
    }

    /**
     * Imports one file.
     *
     * @throws OperatorException category INPUT where the file cannot be read, was rewritten, or holds keys that nobody knows;
     *     CORRUPT where it ends inside compressed data; DOWN where the landing cannot be written. What was published before stays
     */
    public ImportResult run(ImportSettings settings, Path file) {
        return run(settings, SourceFile.open(file));
    }

    /** Imports what a stream gives until its end; {@code name} is for people. */
    public ImportResult run(ImportSettings settings, String name, InputStream stream) {
        try {
            return run(settings, SourceFile.open(name, stream));
        } catch (IOException e) {
            throw OperatorException.input(name + " cannot be read: " + e.getMessage());
        }
    }

    private ImportResult run(ImportSettings settings, SourceFile source) {
        ImportTarget target = ImportTarget.check(landingFolder, database, settings);
        KeyResolver keys = target.keys(settings, clock);
        try (SessionLock lock = SessionLock.take(database, "import/" + settings.source());
                SourceFile file = source) {
            return new FileImport(target.landing(), settings, file, keys, progress).run();
        } catch (IOException e) {
            throw OperatorException.down(
                    "landing " + landingFolder + " cannot be read or written: " + e.getMessage(), e);
        }
    }
}
