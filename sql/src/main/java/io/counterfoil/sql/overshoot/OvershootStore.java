package io.counterfoil.sql.overshoot;

import io.counterfoil.sql.SqlFile;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Update;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Limits that were used up, and what passed before that was known. Blocking. */
public final class OvershootStore {
    private static final String CROSSINGS = SqlFile.read("overshoot/crossings.sql");
    private static final String SAVE = SqlFile.read("overshoot/save-crossing.sql");

    private final Jdbi jdbi;

    public OvershootStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** Which limit, whose, in which window. */
    public record CrossingId(long limit, long subject, Instant windowStart) {}

    /**
     * A limit that was used up.
     *
     * @param quota requests, units or bytes, by the measure
     * @param raisedAt when its flag was raised
     * @param counted whether usage raised it; else its quota, plan or keys were changed
     * @param action warn or refuse
     * @param outcomes that count towards it
     * @param hour in which it was used up; empty where it is not by what is counted now
     * @param before what was used in the window before that hour
     * @param used in that hour, of all its keys
     * @param keys that count towards it
     */
    public record Crossing(
            CrossingId id,
            Instant resetsAt,
            long quota,
            Instant raisedAt,
            boolean counted,
            String measure,
            String action,
            List<String> outcomes,
            Optional<Instant> hour,
            long before,
            long used,
            List<Long> keys) {
        public Crossing {
            outcomes = List.copyOf(outcomes);
            keys = List.copyOf(keys);
        }
    }

    /**
     * Those of which it is not told yet how they were, the earliest hour first.
     *
     * @param before their hour, and the time in which edges come to hold their flags, ended before that
     */
    public List<Crossing> crossings(Instant before, int atMost) {
        return jdbi.withHandle(handle -> handle.createQuery(CROSSINGS)
                .bind("before", utc(before))
                .bind("at_most", atMost)
                .map((row, context) -> crossing(row))
                .list());
    }

    private static Crossing crossing(ResultSet row) throws SQLException {
        return new Crossing(
                new CrossingId(row.getLong("limit_id"), row.getLong("subject_id"), instant(row, "window_start")),
                instant(row, "resets_at"),
                row.getLong("quota"),
                instant(row, "raised_at"),
                row.getBoolean("counted"),
                row.getString("measure"),
                row.getString("action"),
                List.of((String[]) array(row, "billable_outcomes")),
                Optional.ofNullable(row.getObject("hour", OffsetDateTime.class)).map(OffsetDateTime::toInstant),
                row.getLong("before"),
                row.getLong("used"),
                List.of((Long[]) array(row, "keys")));
    }

    private static Object array(ResultSet row, String column) throws SQLException {
        Array array = row.getArray(column);
        return array.getArray();
    }

    /** Names ({@code edge/epoch/stream/number}) of the counted segments in the landing that have records from a time (inclusive) to another. */
    public List<String> segments(Instant from, Instant to) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select edge || '/' || epoch || '/' || stream || '/' || number from ledger"
                                + " where verdict = 'counted' and deleting_at is null and last_seq >= first_seq"
                                + " and last_ts_us >= :from and first_ts_us < :to"
                                + " order by edge, epoch, stream, number")
                        .bind("from", micros(from))
                        .bind("to", micros(to))
                        .mapTo(String.class)
                        .list());
    }

    /** The record that used a limit up. */
    public record CrossingRecord(Instant at, String edge, String epoch, int stream, long segment) {}

    /**
     * What passed by one edge with one key in one hour after that.
     *
     * @param heldAt the edge's first refusal or warning of a key of the limit's subject that was not held before; empty where none came
     */
    public record Passed(String edge, long key, Instant hour, long requests, Optional<Instant> heldAt) {}

    /**
     * What was found of a crossing.
     *
     * @param record that used the limit up; empty where it cannot be told
     * @param fault why it cannot; empty where it can
     */
    public record Told(Crossing crossing, Optional<CrossingRecord> record, String fault, List<Passed> passed) {
        public Told {
            passed = List.copyOf(passed);
        }
    }

    /** Saves them, each once: of two runs that found the same, the first one's stays. */
    public void save(List<Told> all, Instant now) {
        jdbi.useTransaction(handle -> {
            for (Told told : all) {
                save(handle, told, now);
            }
        });
    }

    private static void save(Handle handle, Told told, Instant now) {
        CrossingId id = told.crossing().id();
        Optional<CrossingRecord> record = told.record();
        Update update = handle.createUpdate(SAVE)
                .bind("limit", id.limit())
                .bind("subject", id.subject())
                .bind("window_start", utc(id.windowStart()))
                .bind("quota", told.crossing().quota())
                .bind("crossed_at", record.map(each -> utc(each.at())).orElse(null))
                .bind("edge", record.map(CrossingRecord::edge).orElse(""))
                .bind("epoch", record.map(CrossingRecord::epoch).orElse(""))
                .bind("stream", record.map(CrossingRecord::stream).orElse(0))
                .bind("number", record.map(CrossingRecord::segment).orElse(0L))
                .bind("fault", record.isPresent() ? null : told.fault())
                .bind("now", utc(now));
        if (update.execute() == 0 || told.passed().isEmpty()) {
            return;
        }
        PreparedBatch rows = handle.prepareBatch(
                "insert into overshoot (limit_id, subject_id, window_start, quota, edge, key_id, hour, passed, held_at)"
                        + " values (:limit, :subject, :window_start, :quota, :edge, :key, :hour, :passed, cast(:held as timestamptz))");
        for (Passed each : told.passed()) {
            rows.bind("limit", id.limit())
                    .bind("subject", id.subject())
                    .bind("window_start", utc(id.windowStart()))
                    .bind("quota", told.crossing().quota())
                    .bind("edge", each.edge())
                    .bind("key", each.key())
                    .bind("hour", utc(each.hour()))
                    .bind("passed", each.requests())
                    .bind("held", each.heldAt().map(OvershootStore::utc).orElse(null))
                    .add();
        }
        rows.execute();
    }

    /** Forgets those of windows that began before that; returns how many. */
    public int forget(Instant before) {
        return jdbi.withHandle(handle -> handle.createUpdate("delete from limit_crossing where window_start < :before")
                .bind("before", utc(before))
                .execute());
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }

    private static long micros(Instant time) {
        return time.toEpochMilli() * 1000;
    }
}
