package io.counterfoil.jobs.push;

import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.DatabaseFault;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.snapshot.SnapshotSignal;

import javax.sql.DataSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Pushes again and again: when the database says that something changed, when a flag resets, and every ten seconds whatever is said; never
 * sooner than a pause after the last began. What fails is told once and tried again, as late as the target asks, and ever later; only what
 * a person has to mend before anything was pushed ends it.
 */
public final class PushWatch {
    private static final Duration POLL = Duration.ofSeconds(10);
    private static final Duration SLICE = Duration.ofMillis(250);
    /** Of a second: a minute and four seconds. */
    private static final int MAX_DOUBLINGS = 6;

    private static final Duration MAX_ASKED = Duration.ofHours(1);

    private final PushFlagsJob job;
    private final DataSource database;
    private final InstantSource clock;
    private final Duration pause;
    private final Consumer<PushResult> pushed;
    private final Consumer<String> trouble;
    private String told = "";
    private boolean ran;
    private int failed;

    /**
     * @param pause a second or more
     * @param pushed takes what each run did that did something
     * @param trouble takes a line where it begins, and one where it is over
     */
    public PushWatch(
            PushFlagsJob job,
            String databaseUrl,
            InstantSource clock,
            Duration pause,
            Consumer<PushResult> pushed,
            Consumer<String> trouble) {
        this.job = job;
        this.database = DatabaseAccess.dataSource(databaseUrl);
        this.clock = clock;
        this.pause = pause;
        this.pushed = pushed;
        this.trouble = trouble;
    }

    /**
     * Goes on for as long as it is to.
     *
     * @throws OperatorException category INPUT where a person has to mend something, before the first push that succeeded
     */
    public void run(BooleanSupplier goOn) {
        while (goOn.getAsBoolean()) {
            try (SnapshotSignal signal = SnapshotSignal.listen(database)) {
                while (goOn.getAsBoolean()) {
                    pass(signal, goOn);
                }
            } catch (OperatorException e) {
                if (e.category() != OperatorException.Category.DOWN && !ran) {
                    throw e;
                }
                tell(e.getMessage());
                pause(e.getCause() instanceof AskedToWait asked ? asked.time() : Duration.ZERO, goOn);
            } catch (RuntimeException e) {
                if (DatabaseFault.of(e) == DatabaseFault.OTHER) {
                    throw e;
                }
                tell("database connection lost");
                pause(Duration.ZERO, goOn);
            }
        }
    }

    private void pass(SnapshotSignal signal, BooleanSupplier goOn) {
        long began = System.nanoTime();
        PushResult result = job.run();
        ran = true;
        failed = 0;
        if (!result.idle()) {
            pushed.accept(result);
        }
        if (result.fault().isPresent()) {
            tell(result.fault().get());
        } else if (!told.isEmpty()) {
            trouble.accept("flags are pushed again");
            told = "";
        }
        PushFlagsJob.park(began + pause.toNanos() - System.nanoTime());
        long end = System.nanoTime() + POLL.toNanos();
        while (goOn.getAsBoolean() && System.nanoTime() < end && !resets(result) && !signal.await(SLICE)) {
            // Nothing is said yet.
        }
    }

    private boolean resets(PushResult result) {
        Instant now = clock.instant();
        return result.nextReset().filter(reset -> !reset.isAfter(now)).isPresent();
    }

    private void tell(String message) {
        String line = String.valueOf(message).lines().findFirst().orElse("");
        if (!line.equals(told)) {
            trouble.accept("flags cannot be pushed, trying again: " + line);
            told = line;
        }
    }

    /** As long as the target asks for, and longer each time. */
    private void pause(Duration asked, BooleanSupplier goOn) {
        Duration grown = PushFlagsJob.PACE.multipliedBy(1L << Math.min(failed++, MAX_DOUBLINGS));
        Duration wait = Stream.of(asked.compareTo(MAX_ASKED) > 0 ? MAX_ASKED : asked, pause, grown)
                .max(Duration::compareTo)
                .get();
        long end = System.nanoTime() + wait.toNanos();
        for (long left = wait.toNanos(); goOn.getAsBoolean() && left > 0; left = end - System.nanoTime()) {
            PushFlagsJob.park(Math.min(left, SLICE.toNanos()));
        }
    }
}
