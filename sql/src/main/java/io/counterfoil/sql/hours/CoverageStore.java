package io.counterfoil.sql.hours;

import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What keeps hours incomplete now. */
public final class CoverageStore {
    private final Jdbi jdbi;

    public CoverageStore(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    /** What somebody should look at. */
    public interface Alarm {
        /** Whose log has what: the same words as long as it lasts. */
        String what();

        /** With what follows from it and what mends it, as of now. */
        String alarm();
    }

    /** Something about the log of a source; it holds no hour up. */
    public record SourceFault(String source, String kind, String text, String mend) implements Alarm {
        @Override
        public String what() {
            return "source " + source + ": " + kind;
        }

        @Override
        public String alarm() {
            return what() + ": " + text + ": " + mend;
        }
    }

    /** Whatever is wrong with any log. */
    public List<Alarm> alarms(Instant now) {
        return jdbi.withHandle(handle -> {
            List<Alarm> alarms = new ArrayList<>(faults(handle, now));
            alarms.addAll(handle.createQuery("select * from source_faults(:now) order by source, kind")
                    .bind("now", Completeness.utc(now))
                    .map((row, context) -> new SourceFault(
                            row.getString("source"),
                            row.getString("kind"),
                            row.getString("fault"),
                            row.getString("mend")))
                    .list());
            return alarms;
        });
    }

    /**
     * A thing that holds an edge's log up.
     *
     * @param since from when on the edge is on the roster
     * @param silent whether nothing is wrong but that nothing comes
     * @param text what is missing
     * @param missingSince up to when the log is proven without it
     * @param mend what the operator can do
     */
    public record Fault(
            String edge,
            Instant since,
            Optional<String> epoch,
            Optional<Integer> stream,
            boolean silent,
            String text,
            Instant missingSince,
            String mend)
            implements Alarm {
        @Override
        public String what() {
            return "edge " + edge + epoch.map(named -> ", epoch " + named).orElse("")
                    + stream.map(number -> ", stream " + number).orElse("") + ": " + text;
        }

        @Override
        public String alarm() {
            return what() + "; hours are incomplete from " + missingSince.truncatedTo(ChronoUnit.SECONDS) + " on: "
                    + mend;
        }
    }

    /** All of them, those of imported sources apart: these wait until they are closed. */
    public List<Fault> faults(Instant now) {
        return jdbi.withHandle(handle -> faults(handle, now));
    }

    List<Fault> faults(Handle handle, Instant now) {
        return handle.createQuery("select * from coverage_faults(:now) order by edge, since, epoch, stream, fault")
                .bind("now", Completeness.utc(now))
                .map((row, context) -> new Fault(
                        row.getString("edge"),
                        row.getObject("since", OffsetDateTime.class).toInstant(),
                        Optional.ofNullable(row.getString("epoch")),
                        Optional.ofNullable(row.getObject("stream", Integer.class)),
                        row.getString("kind").equals("silent"),
                        row.getString("fault"),
                        row.getObject("missing_since", OffsetDateTime.class).toInstant(),
                        row.getString("mend")))
                .list();
    }
}
