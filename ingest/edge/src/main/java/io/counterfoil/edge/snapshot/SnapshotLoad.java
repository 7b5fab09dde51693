package io.counterfoil.edge.snapshot;

import io.counterfoil.accesslog.file.DurableFiles;
import io.counterfoil.edge.snapshot.SnapshotRefusedException.Kind;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.snapshot.SnapshotRows.Head;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Loads once at a time: asks, checks, keeps on disk, swaps in. Kept before it is in use, so that no restart goes back behind what was;
 * where the disk does not take it, it is used, alarmed, and offered to the disk again at each look. For one thread, apart from
 * {@link #current()} and {@link #stats}.
 */
final class SnapshotLoad {
    private final SnapshotFile file;
    private final InstantSource clock;
    private final Consumer<String> notices;
    private final CurrentSnapshot current = new CurrentSnapshot(Snapshot.EMPTY);
    private final Path accepted;
    private OptionalLong accept;
    /** The database's history is not the one that the snapshot in use came from: what changed since cannot be asked for. */
    private boolean diverged;

    private long refusedVersion = -1;
    private String refusedDatabase = "";
    private SnapshotRefusedException lastRefusal;
    private boolean unkept;
    private final FlagAges flagAges = new FlagAges();
    private final AtomicLong refused = new AtomicLong();
    private volatile Instant confirmedAt;
    private volatile Duration lastLoad = Duration.ZERO;

    SnapshotLoad(SnapshotSettings settings, InstantSource clock, Consumer<String> notices) {
        this.file = new SnapshotFile(settings.dataFolder());
        this.accepted = settings.dataFolder().resolve("accepted-snapshot");
        this.clock = clock;
        this.notices = notices;
        this.accept = settings.accept();
        this.confirmedAt = clock.instant();
    }

    CurrentSnapshot current() {
        return current;
    }

    FlagAges flagAges() {
        return flagAges;
    }

    String lastRefusal() {
        return lastRefusal == null ? "nothing came" : lastRefusal.getMessage();
    }

    SnapshotStats stats(boolean databaseDown) {
        Snapshot snapshot = current.get();
        Duration age = Duration.between(confirmedAt, clock.instant());
        return new SnapshotStats(
                snapshot.version(),
                age.isNegative() ? Duration.ZERO : age,
                snapshot.keyCount(),
                snapshot.flagCount(),
                refused.get(),
                databaseDown,
                lastLoad);
    }

    /**
     * Takes what is on disk, if anything is.
     *
     * @throws OperatorException category CORRUPT where the file is
     */
    void readFile() throws IOException {
        if (accept.isPresent()
                && Files.exists(accepted)
                && Files.readString(accepted).strip().equals(Long.toString(accept.getAsLong()))) {
            // It counts once, though the settings may name it at every start.
            accept = OptionalLong.empty();
        }
        Instant now = clock.instant();
        Optional<Snapshot> kept = file.read(now);
        if (kept.isPresent()) {
            current.set(kept.get());
            confirmedAt = file.keptAt();
        }
    }

    /**
     * Brings the snapshot up to date; one that cannot be right is told once and left.
     *
     * @return whether the database is the one that the snapshot in use comes from
     */
    boolean load(SnapshotSession session) {
        Snapshot old = current.get();
        if (unkept) {
            keep(old, file::write);
        }
        boolean whole = old.version() == 0 || diverged;
        long started = System.nanoTime();
        SnapshotIntake intake =
                new SnapshotIntake(old, whole, false, refusedDatabase.equals(old.database()) ? refusedVersion : -1);
        try {
            take(session, old, intake, started);
            return true;
        } catch (SnapshotRefusedException e) {
            long version = intake.head().version();
            if (e.isAcceptable() && accept.isPresent() && version >= accept.getAsLong()) {
                return loadAccepted(session, old, e, version);
            }
            refuse(intake.head(), old.version(), e);
            return e.kind() != Kind.OTHER_DATABASE;
        }
    }

    private boolean loadAccepted(SnapshotSession session, Snapshot old, SnapshotRefusedException why, long version) {
        notices.accept("snapshot version " + version + " is accepted as " + accept.getAsLong()
                + " was named to be, though " + why.getMessage());
        rememberAccepted(accept.getAsLong());
        accept = OptionalLong.empty();
        SnapshotIntake intake = new SnapshotIntake(old, true, true, -1);
        try {
            take(session, old, intake, System.nanoTime());
        } catch (SnapshotRefusedException e) {
            refuse(intake.head(), old.version(), e);
        }
        return true;
    }

    private void rememberAccepted(long version) {
        try {
            DurableFiles.replace(accepted, (version + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            notices.accept("that version " + version + " was accepted cannot be noted in " + accepted + ": "
                    + e.getMessage() + "; take accept_snapshot out of the settings yourself");
        }
    }

    private void take(SnapshotSession session, Snapshot old, SnapshotIntake intake, long started)
            throws SnapshotRefusedException {
        session.read(intake.since(), intake);
        if (!intake.wanted()) {
            if (intake.head().version() == old.version()) {
                confirmedAt = clock.instant();
            }
            return;
        }
        SnapshotChange change = intake.change();
        if (!intake.accepted()) {
            Plausibility.check(old, change);
        }
        Instant now = clock.instant();
        Snapshot next = old.with(change, now);
        if (old.version() == 0) {
            // A new edge: its hours are waited for before it can answer, and there is nothing to go back behind.
            session.register();
            current.set(next);
        }
        keep(next, snapshot -> file.keep(snapshot, change));
        if (change.whole() && old.version() > 0) {
            current.replace(next);
        } else {
            current.set(next);
        }
        confirmedAt = now;
        lastLoad = Duration.ofNanos(System.nanoTime() - started);
        lastRefusal = null;
        refusedVersion = -1;
        diverged = false;
        if (old.version() > 0) {
            if (!change.whole()) {
                flagAges.note(old, change, now);
            }
            SnapshotNews.lines(old, next, now).forEach(notices);
        }
    }

    private void refuse(Head head, long inUse, SnapshotRefusedException e) {
        long version = head.version();
        diverged |= e.kind() == Kind.OLDER;
        if (version != refusedVersion || !head.database().equals(refusedDatabase)) {
            refused.incrementAndGet();
        }
        refusedVersion = version;
        refusedDatabase = head.database();
        if (lastRefusal == null || !e.saysTheSameAs(lastRefusal)) {
            notices.accept("ALARM snapshot version " + version + " is refused, version " + inUse + " stays: "
                    + e.getMessage()
                    + (e.isAcceptable()
                            ? "; if it is meant so, start the edge with --accept-snapshot " + version
                            : ""));
        }
        lastRefusal = e;
    }

    private interface Keeping {
        void keep(Snapshot snapshot) throws IOException;
    }

    private void keep(Snapshot next, Keeping keeping) {
        try {
            keeping.keep(next);
            if (unkept) {
                notices.accept(
                        "snapshot version " + next.version() + " is kept on disk, as those after it can be again");
            }
            unkept = false;
        } catch (IOException e) {
            if (!unkept) {
                notices.accept("ALARM snapshot version " + next.version()
                        + " is in use, but cannot be kept on disk: a start without the database would go back behind it: "
                        + e.getMessage() + "; see that the data folder's disk works and has space");
            }
            unkept = true;
        }
    }
}
