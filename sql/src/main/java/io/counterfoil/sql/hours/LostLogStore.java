package io.counterfoil.sql.hours;

import io.counterfoil.sql.ControlVersion;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Decisions that what is missing of an edge's log does not come any more. */
public final class LostLogStore {
    private static final String SKIP = SqlFile.read("hours/skip-lost.sql");

    private final Jdbi jdbi;
    private final CoverageStore coverage;

    public LostLogStore(Jdbi jdbi) {
        this.jdbi = jdbi;
        coverage = new CoverageStore(jdbi);
    }

    /**
     * What was decided on.
     *
     * @param epoch empty where no epoch of the edge was awaited by name
     * @param over whether the epoch is done with; else it goes on, and later faults of it are awaited again
     * @param through up to when the edge's log counts as proven now
     */
    public record Lost(Optional<String> epoch, boolean over, Instant through) {}

    /**
     * Declares everything lost that is missing or wrong by now in the epoch at which an edge's log is held up: hours wait for it no
     * more. Where a later epoch is known, or the edge is retired, the epoch's missing end is lost too; else what comes next in it
     * is awaited as before.
     *
     * @param epoch empty: the one it is held up at
     * @throws OperatorException category INPUT where nothing is missing there that can be known to be lost
     */
    public Lost declare(String edge, Optional<String> epoch, Decision decision) {
        return jdbi.inTransaction(handle -> {
            ControlVersion.hold(handle);
            List<CoverageStore.Fault> faults = coverage.faults(handle, decision.at()).stream()
                    .filter(fault -> fault.edge().equals(edge))
                    .toList();
            CoverageStore.Fault first = faults.stream()
                    .filter(fault -> epoch.isEmpty() || epoch.equals(fault.epoch()))
                    .min(Comparator.comparing(CoverageStore.Fault::since))
                    .orElseThrow(() -> nothing(edge, epoch, faults));
            List<CoverageStore.Fault> same = faults.stream()
                    .filter(fault ->
                            fault.since().equals(first.since()) && fault.epoch().equals(first.epoch()))
                    .toList();
            Instant before = first.since();
            boolean over = first.epoch()
                    .map(held -> settle(handle, edge, held, decision.at()) || over(handle, first, held, decision.at()))
                    .orElse(false);
            if (first.epoch().isEmpty()) {
                beginWithWhatCame(handle, first);
            } else {
                skip(handle, edge, first.epoch().get(), over, same);
            }
            decision.record(handle, "declare lost", edge, first.epoch(), Optional.of(through(handle, first)));
            Completeness.decided(handle, edge, before, decision.at());
            return new Lost(first.epoch(), over, through(handle, first));
        });
    }

    private static OperatorException nothing(String edge, Optional<String> epoch, List<CoverageStore.Fault> faults) {
        String held = faults.stream()
                .flatMap(fault -> fault.epoch().stream())
                .distinct()
                .findFirst()
                .map(other -> "it is held up at epoch " + other)
                .orElse("see counterfoil hours --incomplete");
        return OperatorException.input("nothing is known to be missing of edge " + edge
                + epoch.map(named -> ", epoch " + named).orElse("") + "; " + held);
    }

    /** Whether the epoch was held up by a contradiction, which this settles: its seals stand as they are. */
    private static boolean settle(Handle handle, String edge, String epoch, Instant now) {
        return handle.createUpdate("update edge_epoch set settled_at = :now where edge = :edge and epoch = :epoch"
                                + " and contradiction is not null and settled_at is null")
                        .bind("now", Completeness.utc(now))
                        .bind("edge", edge)
                        .bind("epoch", epoch)
                        .execute()
                > 0;
    }

    /** Where a later epoch is known, or the edge retired, nothing more is awaited of this one. */
    private static boolean over(Handle handle, CoverageStore.Fault fault, String epoch, Instant now) {
        return handle.createUpdate("insert into edge_epoch (edge, epoch, lost_at)"
                                + " select r.edge, :epoch, :now from edge_roster r"
                                + " where r.edge = :edge and r.since = :since and (r.until is not null or exists"
                                + " (select from edge_epoch e where e.edge = r.edge and e.epoch > :epoch"
                                + " and (e.contradiction is null or e.predecessor_epoch = :epoch)))"
                                + " on conflict (edge, epoch) do update set lost_at = excluded.lost_at")
                        .bind("epoch", epoch)
                        .bind("now", Completeness.utc(now))
                        .bind("edge", fault.edge())
                        .bind("since", Completeness.utc(fault.since()))
                        .execute()
                > 0;
    }

    private static void skip(Handle handle, String edge, String epoch, boolean over, List<CoverageStore.Fault> faults) {
        if (!over && faults.stream().allMatch(CoverageStore.Fault::silent)) {
            throw OperatorException.input("edge " + edge + ", epoch " + epoch + ": "
                    + faults.get(0).text() + ", but it may still come: no later epoch is known. Start the edge, or, if"
                    + " it is gone for good, first: counterfoil edge retire " + edge);
        }
        handle.createUpdate(SKIP).bind("edge", edge).bind("epoch", epoch).execute();
    }

    /** Nothing came of what the interval's first epoch follows on: it begins with the first one that did come. */
    private static void beginWithWhatCame(Handle handle, CoverageStore.Fault fault) {
        int begun = handle.createUpdate("update edge_roster r set first_epoch = f.epoch from (select min(e.epoch) as"
                        + " epoch from edge_epoch e where e.edge = :edge and e.epoch > coalesce((select"
                        + " max(b.reached_epoch) from edge_roster b where b.edge = :edge and b.since < :since), '')) f"
                        + " where r.edge = :edge and r.since = :since and f.epoch is not null")
                .bind("edge", fault.edge())
                .bind("since", Completeness.utc(fault.since()))
                .execute();
        if (begun == 0) {
            throw OperatorException.input("edge " + fault.edge() + " is on the roster from " + fault.since()
                    + " on, but nothing of it ever came: there is no log to be lost. Start it, or: counterfoil edge"
                    + " retire " + fault.edge());
        }
    }

    private static Instant through(Handle handle, CoverageStore.Fault fault) {
        return handle.createQuery("select through from edge_roster where edge = :edge and since = :since")
                .bind("edge", fault.edge())
                .bind("since", Completeness.utc(fault.since()))
                .mapTo(OffsetDateTime.class)
                .one()
                .toInstant();
    }
}
