package io.counterfoil.schedules.cli;

import io.counterfoil.accesslog.inspect.SegmentCheck.Verdict;
import io.counterfoil.accesslog.inspect.StreamStates.State;
import io.counterfoil.accesslog.seal.RecordRange;
import io.counterfoil.accesslog.seal.Seal;
import io.counterfoil.sql.report.Report;
import io.counterfoil.sql.report.Report.Column;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** One line a segment, one row a stream. */
final class LogSummaries {
    private LogSummaries() {}

    static String of(Verdict verdict) {
        RecordRange valid = verdict.valid();
        String records = valid.count() == 0
                ? "no records"
                : valid.count() + " records, seq " + valid.firstSeq() + " to " + valid.lastSeq() + ", "
                        + time(valid.firstMicros()) + " to " + time(valid.lastMicros());
        String name = verdict.segment().id() + " (" + verdict.segment().name() + "): ";
        return verdict.fault()
                .map(fault -> "CORRUPT " + name + RecordLines.safe(fault) + "; " + records + " before it")
                .orElse("ok " + name + records + ", " + verdict.segment().csv().length + " bytes, " + verdict.chain());
    }

    static void print(List<State> states, Instant now, Report.Rows rows) {
        rows.columns(List.of(
                new Column("stream", false),
                new Column("last_seq", true),
                new Column("unsealed", true),
                new Column("waiting", true),
                new Column("landed_segment", true),
                new Column("landed_seq", true),
                new Column("landed_through", false),
                new Column("lag_ms", true)));
        for (State state : states) {
            rows.row(List.of(
                    state.stream().toString(),
                    Long.toString(state.lastSeq().orElse(0)),
                    Long.toString(state.unsealed()),
                    Long.toString(state.waiting()),
                    Long.toString(state.landed().map(seal -> seal.id().number()).orElse(0L)),
                    Long.toString(
                            state.landed().map(seal -> seal.records().lastSeq()).orElse(0L)),
                    state.landed()
                            .map(Seal::throughMicros)
                            .map(LogSummaries::time)
                            .orElse("-"),
                    Long.toString(state.lag(now)
                            .map(lag -> Math.max(0, lag.toMillis()))
                            .orElse(0L))));
        }
        rows.end();
    }

    private static String time(long micros) {
        return Instant.EPOCH
                .plus(micros, ChronoUnit.MICROS)
                .truncatedTo(ChronoUnit.MILLIS)
                .toString();
    }
}
