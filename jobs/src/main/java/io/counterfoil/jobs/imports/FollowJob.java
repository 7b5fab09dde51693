package io.counterfoil.jobs.imports;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SessionLock;

import javax.sql.DataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Publishes a log while it is written, across rotation by renaming and by copying and truncating. It may be killed at any moment:
 * every line that is still there, in the live file or in one it was rotated to, becomes one record once.
 */
public final class FollowJob {
    private final Path landingFolder;
    private final DataSource database;
    private final InstantSource clock;
    private final Consumer<String> say;

    /** @param say told what an operator wants to know, a line a change */
    public FollowJob(Path landingFolder, String databaseUrl, InstantSource clock, Consumer<String> say) {
        this.landingFolder = landingFolder;
        this.database = DatabaseAccess.dataSource(databaseUrl);
        this.clock = clock;
        this.say = say;
    }

    /**
     * Follows until it is told to stop, and looks once more then. A segment is published at most every so often, where there is news.
     *
     * @param live the file that the server writes to; it need not be there yet, its folder must
     * @throws OperatorException category INPUT where there is no such folder, or the log was imported with another format; CORRUPT
     *     where the landing holds something else already; DOWN where landing or database are lost
     */
    public ImportResult run(ImportSettings settings, Path live, Duration every, CountDownLatch stop) {
        if (settings.takeUnterminated()) {
            throw OperatorException.input("--take-unterminated does not go with --follow: a line may be half written");
        }
        RotatedLog log = new RotatedLog(live);
        if (!Files.isDirectory(log.folder()) || (Files.exists(live) && !Files.isRegularFile(live))) {
            throw OperatorException.input(
                    "log file " + live + " cannot be followed, expected a plain file in a folder that exists");
        }
        ImportCounts counts = new ImportCounts();
        ImportTarget target = ImportTarget.check(landingFolder, database, settings);
        KeyResolver keys = target.keys(settings, clock);
        FollowContext context = new FollowContext(target.landing(), settings, keys, counts, say, () -> {});
        try (SessionLock lock = SessionLock.take(database, "import/" + settings.source());
                LogFollower follower = new LogFollower(log, context)) {
            say.accept("following " + live + " as " + settings.source()
                    + (Files.exists(live) ? "" : ", which is not there yet"));
            boolean stopped = false;
            while (!stopped) {
                stopped = stop.await(every.toMillis(), TimeUnit.MILLISECONDS);
                lock.requireHeld();
                follower.look();
            }
        } catch (IOException e) {
            throw OperatorException.down(
                    "log " + live + " or landing " + landingFolder + " cannot be read or written: " + e.getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return counts.result(log.name(), settings, 0, 0, keys.created());
    }
}
