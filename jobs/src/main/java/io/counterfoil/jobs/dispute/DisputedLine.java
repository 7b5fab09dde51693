package io.counterfoil.jobs.dispute;

import io.counterfoil.jobs.invoice.FinalLines.AddedHour;
import io.counterfoil.sql.invoice.InvoiceLine;
import io.counterfoil.sql.invoice.LineQuery.HourOfLine;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A line of an invoice, or a charge of a plan where only an hour is looked at.
 *
 * @param key the label, of a line by a key's own subscription
 * @param counts empty where it counts no records: a fee, a discount, an adjustment, a tax
 * @param hours with usage
 * @param added hours that an adjustment cites
 */
record DisputedLine(
        int number,
        String name,
        Optional<String> plan,
        Optional<String> key,
        Optional<InvoiceLine.Hours> within,
        Optional<Counts> counts,
        Optional<BigDecimal> quantity,
        Optional<BigDecimal> amount,
        List<Rate> rates,
        Map<Instant, HourOfLine> hours,
        List<AddedHour> added) {
    void write(DisputeFile file) {
        DisputeFile.Row row = file.row("line").put(Column.LINE, number).put(Column.NAME, name);
        plan.ifPresent(text -> row.put(Column.PLAN, text));
        key.ifPresent(label -> row.put(Column.KEY, label));
        within.ifPresent(span -> row.put(Column.HOUR, span.since()).put(Column.UNTIL, span.until()));
        counts.ifPresent(of -> row.put(Column.MEASURE, of.measure().text()));
        quantity.ifPresent(of -> row.put(Column.QUANTITY, of));
        amount.ifPresent(of -> row.put(Column.AMOUNT, of));
        row.write();
        rates.forEach(rate -> rate.write(file, number));
        for (AddedHour hour : added) {
            file.row("added")
                    .put(Column.LINE, number)
                    .put(Column.HOUR, hour.hour())
                    .put(Column.MEASURE, "requests")
                    .put(Column.QUANTITY, hour.requests())
                    .put(Column.UNITS, hour.units())
                    .put(Column.BYTES_OUT, hour.bytesOut())
                    .write();
        }
    }
}
