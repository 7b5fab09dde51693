package io.counterfoil.jobs.dispute;

import io.counterfoil.accesslog.record.Outcome;
import io.counterfoil.accesslog.record.RequestFacts;
import io.counterfoil.jobs.archive.PlacedRecord;
import io.counterfoil.sql.dispute.DisputeRows.Amounts;
import io.counterfoil.sql.dispute.DisputeRows.Hour;
import io.counterfoil.sql.dispute.KeySpan;
import io.counterfoil.sql.invoice.LineQuery.HourOfLine;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The records of an hour: writes each, sums what lines count of them, and holds the sums against what is counted. */
final class HourCheck {
    private static final long MICROS = 1_000_000;

    private final Dispute dispute;
    private final Hour hour;
    private final DisputeFile file;
    private final long[] ofLines;
    private long requests;
    private long units;
    private long bytesOut;

    HourCheck(Dispute dispute, Hour hour, DisputeFile file) {
        this.dispute = dispute;
        this.hour = hour;
        this.file = file;
        this.ofLines = new long[dispute.lines().size()];
    }

    /** @param batch that counted it; empty: the ledger does not know it any more */
    void record(PlacedRecord placed, Optional<Long> batch) {
        RequestFacts facts = placed.record().facts();
        if (!Counts.isMetered(facts.route())) {
            return;
        }
        Outcome outcome = Outcome.of(facts.decision(), facts.status());
        Optional<KeySpan> span = dispute.span(facts.keyId(), hour.hour());
        List<String> billedBy = new ArrayList<>();
        requests++;
        units = Math.addExact(units, facts.units());
        bytesOut = Math.addExact(bytesOut, facts.bytesOut());
        for (int i = 0; i < ofLines.length; i++) {
            Optional<Counts> counts = dispute.lines().get(i).counts();
            if (span.isPresent()
                    && counts.isPresent()
                    && dispute.lines().get(i).hours().containsKey(hour.hour())
                    && counts.get().counts(span.get(), facts.route(), outcome)) {
                ofLines[i] = Math.addExact(ofLines[i], counts.get().of(facts));
                billedBy.add(Integer.toString(dispute.lines().get(i).number()));
            }
        }
        long micros = placed.record().tsMicros();
        DisputeFile.Row row = file.row("record")
                .put(Column.HOUR, hour.hour())
                .put(Column.TIME, Instant.ofEpochSecond(micros / MICROS, micros % MICROS * 1000))
                .put(Column.METHOD, facts.method())
                .put(Column.ROUTE, facts.route())
                .put(Column.STATUS, facts.status())
                .put(Column.DECISION, facts.decision().text())
                .put(Column.OUTCOME, outcome.text())
                .put(Column.BILLED_BY, billedBy.isEmpty() ? "none" : "line " + String.join(" and ", billedBy))
                .put(Column.UNITS, facts.units())
                .put(Column.BYTES_IN, facts.bytesIn())
                .put(Column.BYTES_OUT, facts.bytesOut())
                .put(Column.DURATION_US, facts.durationMicros())
                .put(Column.REQUEST_ID, facts.requestId())
                .put(Column.CLIENT, facts.client())
                .put(Column.PATH, facts.path())
                .put(Column.SEGMENT, placed.segment().toString())
                .put(Column.SEQ, placed.record().seq());
        span.ifPresent(of -> row.put(Column.KEY, of.label()));
        batch.ifPresent(number -> row.put(
                Column.COUNTED, dispute.batchesAfter().contains(number) ? "after the invoice" : "with the invoice"));
        row.write();
    }

    long records() {
        return requests;
    }

    /** Requests that are counted and of which no record was found. */
    long notFound() {
        return Math.max(0, hour.counted().requests().longValueExact() - requests);
    }

    boolean isWhole() {
        Amounts counted = hour.counted();
        return same(counted.requests(), requests) && same(counted.units(), units) && same(counted.bytesOut(), bytesOut);
    }

    private static boolean same(BigDecimal counted, long found) {
        return counted.compareTo(BigDecimal.valueOf(found)) == 0;
    }

    /** Writes the hour's checks: each line's, then all requests'. */
    void check(Checks checks) {
        for (int i = 0; i < ofLines.length; i++) {
            DisputedLine line = dispute.lines().get(i);
            HourOfLine of = line.hours().get(hour.hour());
            if (of != null) {
                DisputeFile.Row row = file.row("check")
                        .put(Column.LINE, line.number())
                        .put(Column.NAME, line.name())
                        .put(Column.HOUR, hour.hour())
                        .put(
                                Column.MEASURE,
                                line.counts().orElseThrow().measure().text())
                        .put(Column.QUANTITY, of.onInvoice())
                        .put(Column.COUNTED_LATER, of.later());
                checks.write(
                        row,
                        "line " + line.number() + " in hour " + hour.hour(),
                        of.counted(),
                        BigDecimal.valueOf(ofLines[i]));
            }
        }
        all("requests", hour.counted().requests(), requests, checks);
        all("units", hour.counted().units(), units, checks);
        all("bytes_out", hour.counted().bytesOut(), bytesOut, checks);
    }

    private void all(String measure, BigDecimal counted, long found, Checks checks) {
        DisputeFile.Row row = file.row("check")
                .put(Column.NAME, "all records, billed or not")
                .put(Column.HOUR, hour.hour())
                .put(Column.MEASURE, measure)
                .put(Column.QUANTITY, counted);
        checks.write(row, "all " + measure + " in hour " + hour.hour(), counted, BigDecimal.valueOf(found));
    }
}
