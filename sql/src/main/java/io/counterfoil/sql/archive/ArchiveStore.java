package io.counterfoil.sql.archive;

import io.counterfoil.sql.SqlFile;
import io.counterfoil.sql.rollup.SegmentKey;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

import java.io.Serializable;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the archive holds: plans, commits and the files that readers may use. */
public final class ArchiveStore {
    private static final String PLAN = SqlFile.read("archive/plan.sql");
    private static final String PLANNED = SqlFile.read("archive/planned-segments.sql");
    private static final String TAKE = SqlFile.read("archive/take-segments.sql");
    private static final String CLEAN = SqlFile.read("archive/clean-plans.sql");

    private final Jdbi jdbi;

    public ArchiveStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /**
     * A frozen plan.
     *
     * @param segments in order of their first records' times
     */
    public record Plan(long id, List<PlannedSegment> segments) {
        /** What the segments hold, those that were rejected among them. */
        public long records() {
            return segments.stream().mapToLong(PlannedSegment::records).sum();
        }
    }

    /**
     * A segment as the ledger counted it.
     *
     * @param bytes uncompressed; 0 where the ledger does not know
     */
    public record PlannedSegment(SegmentKey key, long records, long bytes, String sha256) implements Serializable {}

    /**
     * A Parquet file.
     *
     * @param path below the archive's root, where readers look
     * @param pendingPath below the root, where it lies until the archive is published
     * @param hour empty where its records' times are none that anything is counted in
     */
    public record ArchivedFile(String path, String pendingPath, Optional<Instant> hour, long records, long bytes) {}

    /**
     * Freezes a plan of the oldest segments that no archive holds; empty where there are none.
     *
     * @param excluded are left out
     */
    public Optional<Plan> plan(Instant now, long maxBytes, int maxSegments, Set<SegmentKey> excluded) {
        return jdbi.inTransaction(handle -> {
            long id = handle.createQuery("insert into archive (planned_at) values (:now) returning archive_id")
                    .bind("now", utc(now))
                    .mapTo(Long.class)
                    .one();
            int planned = handle.createUpdate(PLAN)
                    .bind("archive", id)
                    .bind("max_bytes", maxBytes)
                    .bind("max_segments", maxSegments)
                    .bindArray(
                            "excluded",
                            String.class,
                            excluded.stream().map(SegmentKey::toString).toList())
                    .execute();
            if (planned == 0) {
                handle.rollback();
                return Optional.empty();
            }
            return Optional.of(new Plan(id, segments(handle, id)));
        });
    }

    private static List<PlannedSegment> segments(Handle handle, long archive) {
        return handle.createQuery(PLANNED)
                .bind("archive", archive)
                .map((row, context) -> new PlannedSegment(
                        new SegmentKey(
                                row.getString("edge"),
                                row.getString("epoch"),
                                row.getInt("stream"),
                                row.getLong("number")),
                        row.getLong("records"),
                        row.getLong("bytes"),
                        row.getString("sha256")))
                .list();
    }

    /**
     * Gives the planned segments to the archive and records its files, in one transaction; false where another archive has some of
     * the segments: nothing was changed then.
     */
    public boolean commit(Plan plan, List<ArchivedFile> files, Instant now) {
        return jdbi.inTransaction(handle -> {
            int taken = handle.createUpdate(TAKE).bind("archive", plan.id()).execute();
            if (taken != plan.segments().size()) {
                handle.rollback();
                return false;
            }
            insert(handle, plan.id(), files);
            handle.createUpdate("update archive set committed_at = :now where archive_id = :id")
                    .bind("now", utc(now))
                    .bind("id", plan.id())
                    .execute();
            return true;
        });
    }

    private static void insert(Handle handle, long archive, List<ArchivedFile> files) {
        if (files.isEmpty()) {
            return;
        }
        PreparedBatch rows =
                handle.prepareBatch("insert into archive_file (archive_id, path, pending_path, hour, records,"
                        + " bytes) values (:archive, :path, :pending, :hour, :records, :bytes)");
        for (ArchivedFile file : files) {
            rows.bind("archive", archive)
                    .bind("path", file.path())
                    .bind("pending", file.pendingPath())
                    .bind("hour", file.hour().map(ArchiveStore::utc).orElse(null))
                    .bind("records", file.records())
                    .bind("bytes", file.bytes())
                    .add();
        }
        rows.execute();
    }

    /** Archives that are committed and whose files may not all lie where readers look. */
    public List<Long> unpublished() {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select archive_id from archive where committed_at is not null and published_at is null order by 1")
                .mapTo(Long.class)
                .list());
    }

    public void published(long archive, Instant now) {
        jdbi.useHandle(handle -> handle.createUpdate("update archive set published_at = :now where archive_id = :id")
                .bind("now", utc(now))
                .bind("id", archive)
                .execute());
    }

    public List<ArchivedFile> files(long archive) {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select path, pending_path, hour, records, bytes from archive_file where archive_id = :id order by path")
                .bind("id", archive)
                .map((row, context) -> new ArchivedFile(
                        row.getString("path"),
                        row.getString("pending_path"),
                        Optional.ofNullable(row.getObject("hour", OffsetDateTime.class))
                                .map(OffsetDateTime::toInstant),
                        row.getLong("records"),
                        row.getLong("bytes")))
                .list());
    }

    /** Forgets plans that nobody can commit any more. */
    public void cleanPlans() {
        jdbi.useHandle(handle -> handle.execute(CLEAN));
    }

    /** Gives a plan up that its own run does not want to commit. */
    public void drop(long archive) {
        jdbi.useHandle(handle -> handle.createUpdate("delete from archive_segment where archive_id = :id")
                .bind("id", archive)
                .execute());
    }

    /**
     * Whether nothing that is pending of an archive is wanted any more: it is published, or it is neither committed nor planned, so that
     * nobody can commit it.
     */
    public boolean isOver(long archive) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select not exists (select from archive a where archive_id = :id"
                                + " and published_at is null and (committed_at is not null"
                                + " or exists (select from archive_segment p where p.archive_id = a.archive_id)))")
                        .bind("id", archive)
                        .mapTo(Boolean.class)
                        .one());
    }

    static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
