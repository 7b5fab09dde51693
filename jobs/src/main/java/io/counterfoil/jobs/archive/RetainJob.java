package io.counterfoil.jobs.archive;

import io.counterfoil.accesslog.record.SegmentId;
import io.counterfoil.jobs.landing.BoundLanding;
import io.counterfoil.jobs.landing.LandingPlace;
import io.counterfoil.sql.DatabaseAccess;
import io.counterfoil.sql.OperatorException;
import io.counterfoil.sql.archive.RetentionStore;
import io.counterfoil.sql.archive.RetentionStore.Marked;
import org.apache.hadoop.conf.Configuration;
import org.jdbi.v3.core.Jdbi;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * Deletes from the landing what the ledger counted, the archive holds and an audit has confirmed, once it is old enough. The decision
 * is durable before the first object goes; a run that was killed is finished by the next one. The ledger's rows of what is gone are
 * folded into runs.
 */
public final class RetainJob {
    private static final int MARK_SEGMENTS = 10_000;
    private static final int PART = 500;
    private static final int FOLD_SEGMENTS = 10_000;

    private final LandingPlace landing;
    private final InstantSource clock;
    private final RetentionStore store;

    public RetainJob(Configuration settings, String landing, String databaseUrl, InstantSource clock) {
        this.landing = LandingPlace.of(landing, settings);
        this.clock = clock;
        Jdbi jdbi = DatabaseAccess.jdbi(DatabaseAccess.dataSource(databaseUrl));
        BoundLanding.check("landing", landing, database -> bound(landing), jdbi);
        this.store = new RetentionStore(jdbi);
    }

    /** Nothing is bound here: where no database is named, nothing was ever published, and what is there is not what was counted. */
    private String bound(String address) throws IOException {
        return landing.bound()
                .orElseThrow(() -> OperatorException.input("landing " + address
                        + " is bound to no database, expected the one that was counted; check --landing"));
    }

    /**
     * Deletes what was counted longer ago than that.
     *
     * @return how many segments
     * @throws OperatorException category DOWN where the landing cannot be reached; the next run goes on
     */
    public long run(Duration olderThan) {
        Instant before = clock.instant().minus(olderThan);
        long deleted = finish();
        while (store.mark(before, clock.instant(), MARK_SEGMENTS) > 0) {
            deleted += finish();
        }
        int folded;
        do {
            folded = store.fold(FOLD_SEGMENTS);
        } while (folded == FOLD_SEGMENTS);
        return deleted;
    }

    private long finish() {
        long deleted = 0;
        while (true) {
            List<Marked> part = store.marked(PART);
            if (part.isEmpty()) {
                return deleted;
            }
            for (Marked each : part) {
                delete(each);
            }
            store.deleted(part, clock.instant());
            deleted += part.size();
        }
    }

    private void delete(Marked marked) {
        SegmentId id = SegmentId.parse(marked.segment().toString());
        try {
            landing.delete(id, marked.imported());
        } catch (IOException e) {
            throw OperatorException.down(
                    "landing " + landing + ": segment " + id + " cannot be deleted: " + e.getMessage()
                            + "; nothing is lost, run it again",
                    e);
        }
    }
}
